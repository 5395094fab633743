#include "llmtool/models/bert_model.h"

#include <ATen/Functions.h>

#include <algorithm>

namespace llmtool {
namespace {

TextEmbeddingsOptions embeddings_options(const BertConfig& config, const BertVariant& differences) {
  TextEmbeddingsOptions options;
  options.vocabulary_size = config.vocab_size;
  options.num_positions = config.max_position_embeddings;
  options.num_types = config.type_vocab_size;
  options.hidden_size = config.embedding_size;
  options.padding_id = config.pad_token_id;
  options.counts_from_padding = differences.counts_from_padding;
  options.dropout = config.hidden_dropout_prob;
  options.layer_norm_epsilon = config.layer_norm_eps;
  return options;
}

EncoderOptions encoder_options(const BertConfig& config, const BertVariant& differences) {
  EncoderOptions options;
  options.num_layers = config.num_hidden_layers;
  options.layer_order = differences.layer_order;
  if (!options.layer_order.empty())
    options.num_layers = 1 + *std::max_element(options.layer_order.begin(), options.layer_order.end());
  options.hidden_size = config.hidden_size;
  options.num_heads = config.num_attention_heads;
  options.intermediate_size = config.intermediate_size;
  options.activation = config.hidden_act;
  options.attention_dropout = config.attention_probs_dropout_prob;
  options.attention_output_dropout = config.hidden_dropout_prob;
  if (differences.drops_output) options.output_dropout = config.hidden_dropout_prob;
  options.layer_norm_epsilon = config.layer_norm_eps;
  return options;
}

}  // namespace

BertModel::BertModel(const BertConfig& config, const BertVariant& variant, at::Device device)
    : config_(config), variant_(variant) {
  embeddings_ =
      register_module("embeddings", std::make_shared<TextEmbeddings>(embeddings_options(config, variant), device));
  if (!variant.projection.empty())
    projection_ =
        register_module("projection", std::make_shared<Linear>(config.embedding_size, config.hidden_size, device));
  encoder_ = register_module("encoder", std::make_shared<Encoder>(encoder_options(config, variant), device));
  if (variant.has_pooler)
    pooler_ = register_module("pooler", std::make_shared<Linear>(config.hidden_size, config.hidden_size, device));
}

ModelOutput BertModel::forward(const ModelInput& input, NeededTokens needed) const {
  const bool first_tokens_only = needed == NeededTokens::kFirst;
  at::Tensor embedded = embeddings_->forward(input.input_ids, input.token_type_ids, input.layout);
  if (projection_) embedded = projection_->forward(embedded);
  EncoderRequest request{input.return_hidden_states, input.return_attentions};
  request.first_tokens_only = first_tokens_only;
  EncoderResult encoded = encoder_->forward(embedded, input.layout, request);
  at::Tensor pooled;
  if (pooler_) {
    const at::Tensor& states = encoded.last_hidden_state;
    pooled = at::tanh(pooler_->forward(first_tokens_only ? states : states.index_select(0, input.layout.first_rows())));
  }
  return {encoded.last_hidden_state, pooled, std::move(encoded.hidden_states), std::move(encoded.attentions),
          first_tokens_only};
}

std::vector<WeightRow> BertModel::weight_rows() const {
  std::vector<WeightRow> rows;
  append_embedding_rows(rows, "embeddings.word_embeddings", *embeddings_->word);
  append_embedding_rows(rows, "embeddings.position_embeddings", *embeddings_->position);
  append_embedding_rows(rows, "embeddings.token_type_embeddings", *embeddings_->type);
  append_norm_rows(rows, "embeddings.LayerNorm", embeddings_->layer_norm->weight, embeddings_->layer_norm->bias);
  if (projection_) append_linear_rows(rows, variant_.projection, projection_->weight, projection_->bias);
  for (std::size_t index = 0; index < encoder_->layers.size(); ++index)
    append_layer_rows(rows, index, *encoder_->layers[index]);
  if (pooler_) append_linear_rows(rows, variant_.pooler, pooler_->weight, pooler_->bias);
  return rows;
}

void BertModel::append_layer_rows(std::vector<WeightRow>& rows, std::size_t index, const EncoderLayer& layer) const {
  const std::string name = "encoder.layer." + std::to_string(index) + ".";
  const auto linear = [&](const char* part, const Linear& map) {
    append_linear_rows(rows, name + part, map.weight, map.bias);
  };
  const auto norm = [&](const char* part, const LayerNorm& map) {
    append_norm_rows(rows, name + part, map.weight, map.bias);
  };
  linear("attention.self.query", *layer.self_attention->query);
  linear("attention.self.key", *layer.self_attention->key);
  linear("attention.self.value", *layer.self_attention->value);
  linear("attention.output.dense", *layer.attention_output);
  norm("attention.output.LayerNorm", *layer.attention_norm);
  linear("intermediate.dense", *layer.intermediate);
  linear("output.dense", *layer.output);
  norm("output.LayerNorm", *layer.output_norm);
}

}  // namespace llmtool
