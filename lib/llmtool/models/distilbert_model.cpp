#include "llmtool/models/distilbert_model.h"

namespace llmtool {
namespace {

TextEmbeddingsOptions embeddings_options(const DistilBertConfig& config) {
  TextEmbeddingsOptions options;
  options.vocabulary_size = config.vocab_size;
  options.num_positions = config.max_position_embeddings;
  options.hidden_size = config.dim;
  options.padding_id = config.pad_token_id;
  options.dropout = config.dropout;
  options.layer_norm_epsilon = kDistilBertLayerNormEpsilon;
  return options;
}

// Attention's output is not dropped.
EncoderOptions encoder_options(const DistilBertConfig& config) {
  EncoderOptions options;
  options.num_layers = config.n_layers;
  options.hidden_size = config.dim;
  options.num_heads = config.n_heads;
  options.intermediate_size = config.hidden_dim;
  options.activation = config.activation;
  options.attention_dropout = config.attention_dropout;
  options.output_dropout = config.dropout;
  options.layer_norm_epsilon = kDistilBertLayerNormEpsilon;
  return options;
}

void append_distilbert_layer(std::vector<WeightRow>& rows, const std::string& name, const EncoderLayer& layer) {
  const auto linear = [&](const char* part, const Linear& map) {
    append_linear_rows(rows, name + part, map.weight, map.bias);
  };
  linear("attention.q_lin", *layer.self_attention->query);
  linear("attention.k_lin", *layer.self_attention->key);
  linear("attention.v_lin", *layer.self_attention->value);
  linear("attention.out_lin", *layer.attention_output);
  append_norm_rows(rows, name + "sa_layer_norm", layer.attention_norm->weight, layer.attention_norm->bias);
  linear("ffn.lin1", *layer.intermediate);
  linear("ffn.lin2", *layer.output);
  append_norm_rows(rows, name + "output_layer_norm", layer.output_norm->weight, layer.output_norm->bias);
}

}  // namespace

DistilBertModel::DistilBertModel(const DistilBertConfig& config, at::Device device) : config_(config) {
  embeddings_ = register_module("embeddings", std::make_shared<TextEmbeddings>(embeddings_options(config), device));
  encoder_ = register_module("encoder", std::make_shared<Encoder>(encoder_options(config), device));
}

ModelOutput DistilBertModel::forward(const ModelInput& input, NeededTokens /*needed*/) const {
  const at::Tensor embedded = embeddings_->forward(input.input_ids, at::Tensor(), input.layout);
  EncoderResult encoded =
      encoder_->forward(embedded, input.layout, {input.return_hidden_states, input.return_attentions});
  return {encoded.last_hidden_state, at::Tensor(), std::move(encoded.hidden_states), std::move(encoded.attentions)};
}

std::vector<WeightRow> DistilBertModel::weight_rows() const {
  std::vector<WeightRow> rows;
  append_embedding_rows(rows, "embeddings.word_embeddings", *embeddings_->word);
  append_embedding_rows(rows, "embeddings.position_embeddings", *embeddings_->position);
  if (config_.sinusoidal_pos_embds) rows.back().start = WeightStart::kSinusoidal;
  append_norm_rows(rows, "embeddings.LayerNorm", embeddings_->layer_norm->weight, embeddings_->layer_norm->bias);
  for (std::size_t index = 0; index < encoder_->layers.size(); ++index)
    append_distilbert_layer(rows, "transformer.layer." + std::to_string(index) + ".", *encoder_->layers[index]);
  return rows;
}

}  // namespace llmtool
