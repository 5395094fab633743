#include "llmtool/models/albert_model.h"

namespace llmtool {
namespace {

// The layers in the order they are passed: a group's layers, once for each hidden layer that belongs to the group. The
// division is Hugging Face's, with its rounding.
std::vector<std::int64_t> layer_order(const AlbertConfig& config) {
  const double group_size =
      static_cast<double>(config.num_hidden_layers) / static_cast<double>(config.num_hidden_groups);
  std::vector<std::int64_t> order;
  for (std::int64_t place = 0; place < config.num_hidden_layers; ++place) {
    const auto group = static_cast<std::int64_t>(static_cast<double>(place) / group_size);
    for (std::int64_t inner = 0; inner < config.inner_group_num; ++inner)
      order.push_back(group * config.inner_group_num + inner);
  }
  return order;
}

BertVariant albert_variant(const AlbertConfig& config, bool has_pooler) {
  BertVariant variant;
  variant.has_pooler = has_pooler;
  variant.pooler = "pooler";
  variant.projection = "encoder.embedding_hidden_mapping_in";
  variant.layer_order = layer_order(config);
  variant.drops_output = false;
  return variant;
}

}  // namespace

AlbertModel::AlbertModel(const AlbertConfig& config, bool has_pooler, at::Device device)
    : BertModel(config, albert_variant(config, has_pooler), device),
      inner_group_num_(static_cast<std::size_t>(config.inner_group_num)) {}

void AlbertModel::append_layer_rows(std::vector<WeightRow>& rows, std::size_t index, const EncoderLayer& layer) const {
  const std::string name = "encoder.albert_layer_groups." + std::to_string(index / inner_group_num_) +
                           ".albert_layers." + std::to_string(index % inner_group_num_) + ".";
  const auto linear = [&](const char* part, const Linear& map) {
    append_linear_rows(rows, name + part, map.weight, map.bias);
  };
  append_norm_rows(rows, name + "full_layer_layer_norm", layer.output_norm->weight, layer.output_norm->bias);
  linear("attention.query", *layer.self_attention->query);
  linear("attention.key", *layer.self_attention->key);
  linear("attention.value", *layer.self_attention->value);
  linear("attention.dense", *layer.attention_output);
  append_norm_rows(rows, name + "attention.LayerNorm", layer.attention_norm->weight, layer.attention_norm->bias);
  linear("ffn", *layer.intermediate);
  linear("ffn_output", *layer.output);
}

}  // namespace llmtool
