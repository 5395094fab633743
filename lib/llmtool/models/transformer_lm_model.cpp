#include "llmtool/models/transformer_lm_model.h"

#include <cmath>

namespace llmtool {
namespace {

TextEmbeddingsOptions embeddings_options(const TransformerLmConfig& config) {
  TextEmbeddingsOptions options;
  options.vocabulary_size = config.vocab_size;
  options.num_positions = config.max_position_embeddings;
  options.positions_are_sinusoidal = config.position_encoding == PositionEncoding::kSinusoidal;
  options.hidden_size = config.d_model;
  if (config.scale_embeddings) options.word_scale = std::sqrt(static_cast<double>(config.d_model));
  options.dropout = config.dropout;
  options.has_layer_norm = false;
  return options;
}

EncoderOptions encoder_options(const TransformerLmConfig& config) {
  EncoderOptions options;
  options.num_layers = config.num_layers;
  options.hidden_size = config.d_model;
  options.num_heads = config.nhead;
  options.intermediate_size = config.dim_feedforward;
  options.activation = config.activation;
  options.attention_dropout = config.dropout;
  options.attention_output_dropout = config.dropout;
  options.intermediate_dropout = config.dropout;
  options.output_dropout = config.dropout;
  options.layer_norm_epsilon = config.layer_norm_eps;
  options.is_causal = true;
  options.is_pre_norm = config.norm_first;
  options.has_fused_projection = true;
  return options;
}

void append_torch_layer(std::vector<WeightRow>& rows, const std::string& name, const EncoderLayer& layer) {
  const Linear& projection = *layer.self_attention->query_key_value;
  rows.push_back({name + "self_attn.in_proj_weight", projection.weight});
  rows.push_back({name + "self_attn.in_proj_bias", projection.bias, WeightStart::kZeros});
  append_linear_rows(rows, name + "self_attn.out_proj", layer.attention_output->weight, layer.attention_output->bias);
  append_linear_rows(rows, name + "linear1", layer.intermediate->weight, layer.intermediate->bias);
  append_linear_rows(rows, name + "linear2", layer.output->weight, layer.output->bias);
  append_norm_rows(rows, name + "norm1", layer.attention_norm->weight, layer.attention_norm->bias);
  append_norm_rows(rows, name + "norm2", layer.output_norm->weight, layer.output_norm->bias);
}

}  // namespace

TransformerLmModel::TransformerLmModel(const TransformerLmConfig& config, at::Device device) : config_(config) {
  embeddings_ = register_module("embeddings", std::make_shared<TextEmbeddings>(embeddings_options(config), device));
  encoder_ = register_module("encoder", std::make_shared<Encoder>(encoder_options(config), device));
  if (config.final_norm)
    last_norm_ =
        register_module("last_norm", std::make_shared<LayerNorm>(config.d_model, config.layer_norm_eps, device));
}

ModelOutput TransformerLmModel::forward(const ModelInput& input, NeededTokens /*needed*/) const {
  const at::Tensor embedded = embeddings_->forward(input.input_ids, at::Tensor(), input.layout);
  EncoderResult encoded =
      encoder_->forward(embedded, input.layout, {input.return_hidden_states, input.return_attentions, input.cache});
  if (last_norm_) encoded.last_hidden_state = last_norm_->forward(encoded.last_hidden_state);
  if (input.return_hidden_states) encoded.hidden_states.back() = encoded.last_hidden_state;
  return {encoded.last_hidden_state, at::Tensor(), std::move(encoded.hidden_states), std::move(encoded.attentions)};
}

std::vector<WeightRow> TransformerLmModel::weight_rows() const {
  std::vector<WeightRow> rows;
  append_embedding_rows(rows, "embedding", *embeddings_->word);
  if (embeddings_->position) append_embedding_rows(rows, "positions", *embeddings_->position);
  for (std::size_t index = 0; index < encoder_->layers.size(); ++index)
    append_torch_layer(rows, "encoder.layers." + std::to_string(index) + ".", *encoder_->layers[index]);
  if (last_norm_) append_norm_rows(rows, "encoder.norm", last_norm_->weight, last_norm_->bias);
  return rows;
}

}  // namespace llmtool
