#include "llmtool/models/gpt2_model.h"

#include <cmath>

namespace llmtool {
namespace {

TextEmbeddingsOptions embeddings_options(const Gpt2Config& config) {
  TextEmbeddingsOptions options;
  options.vocabulary_size = config.vocab_size;
  options.num_positions = config.n_positions;
  options.hidden_size = config.n_embd;
  options.dropout = config.embd_pdrop;
  options.has_layer_norm = false;
  return options;
}

EncoderOptions layer_options(const Gpt2Config& config) {
  EncoderOptions options;
  options.num_layers = config.n_layer;
  options.hidden_size = config.n_embd;
  options.num_heads = config.n_head;
  options.intermediate_size = config.n_inner;
  options.activation = config.activation_function;
  options.attention_output_dropout = config.resid_pdrop;
  options.output_dropout = config.resid_pdrop;
  options.attention_dropout = config.attn_pdrop;
  options.layer_norm_epsilon = config.layer_norm_epsilon;
  options.is_causal = true;
  options.is_pre_norm = true;
  options.has_fused_projection = true;
  return options;
}

// Hugging Face's Conv1D keeps its weight as [input, output].
void append_conv1d_rows(std::vector<WeightRow>& rows, const std::string& name, const Linear& map,
                        double initial_scale = 1.0) {
  rows.push_back({name + ".weight", map.weight, WeightStart::kNormal, WeightTransform::kTransposed, initial_scale});
  rows.push_back({name + ".bias", map.bias, WeightStart::kZeros});
}

// Projections into the residual stream start smaller, by the number of sums they add to (section 2.3 of the paper).
void append_layer_rows(std::vector<WeightRow>& rows, const std::string& name, const EncoderLayer& layer,
                       double residual_scale) {
  append_norm_rows(rows, name + "ln_1", layer.attention_norm->weight, layer.attention_norm->bias);
  append_conv1d_rows(rows, name + "attn.c_attn", *layer.self_attention->query_key_value);
  append_conv1d_rows(rows, name + "attn.c_proj", *layer.attention_output, residual_scale);
  append_norm_rows(rows, name + "ln_2", layer.output_norm->weight, layer.output_norm->bias);
  append_conv1d_rows(rows, name + "mlp.c_fc", *layer.intermediate);
  append_conv1d_rows(rows, name + "mlp.c_proj", *layer.output, residual_scale);
}

}  // namespace

Gpt2Model::Gpt2Model(const Gpt2Config& config, at::Device device) : config_(config) {
  embeddings_ = register_module("embeddings", std::make_shared<TextEmbeddings>(embeddings_options(config), device));
  layers_ = register_module("layers", std::make_shared<Encoder>(layer_options(config), device));
  last_norm_ =
      register_module("last_norm", std::make_shared<LayerNorm>(config.n_embd, config.layer_norm_epsilon, device));
}

ModelOutput Gpt2Model::forward(const ModelInput& input, NeededTokens /*needed*/) const {
  const at::Tensor embedded = embeddings_->forward(input.input_ids, at::Tensor(), input.layout);
  EncoderResult encoded =
      layers_->forward(embedded, input.layout, {input.return_hidden_states, input.return_attentions, input.cache});
  const at::Tensor last = last_norm_->forward(encoded.last_hidden_state);
  // As in Hugging Face, the last of them is what the model returns.
  if (input.return_hidden_states) encoded.hidden_states.back() = last;
  return {last, at::Tensor(), std::move(encoded.hidden_states), std::move(encoded.attentions)};
}

std::vector<WeightRow> Gpt2Model::weight_rows() const {
  const double residual_scale = 1.0 / std::sqrt(2.0 * static_cast<double>(config_.n_layer));
  std::vector<WeightRow> rows;
  append_embedding_rows(rows, "wte", *embeddings_->word);
  append_embedding_rows(rows, "wpe", *embeddings_->position);
  for (std::size_t index = 0; index < layers_->layers.size(); ++index)
    append_layer_rows(rows, "h." + std::to_string(index) + ".", *layers_->layers[index], residual_scale);
  append_norm_rows(rows, "ln_f", last_norm_->weight, last_norm_->bias);
  return rows;
}

}  // namespace llmtool
