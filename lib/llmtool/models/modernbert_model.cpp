#include "llmtool/models/modernbert_model.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/elementwise.h"
#include "llmtool/kernels/tensor_elements.h"
#include "llmtool/nn/layers.h"

namespace llmtool {
namespace {

void append_layer_rows(std::vector<WeightRow>& rows, const std::string& name, const ModernBertLayer& layer,
                       double output_scale) {
  const auto linear = [&](const char* part, const Linear& map, double initial_scale) {
    const std::size_t weight = rows.size();
    append_linear_rows(rows, name + part, map.weight, map.bias);
    rows[weight].initial_scale = initial_scale;
  };
  if (layer.attention_norm)
    append_norm_rows(rows, name + "attn_norm", layer.attention_norm->weight, layer.attention_norm->bias);
  linear("attn.Wqkv", *layer.query_key_value, 1.0);
  linear("attn.Wo", *layer.attention_output, output_scale);
  append_norm_rows(rows, name + "mlp_norm", layer.perceptron_norm->weight, layer.perceptron_norm->bias);
  linear("mlp.Wi", *layer.input_and_gate, 1.0);
  linear("mlp.Wo", *layer.output, output_scale);
}

}  // namespace

ModernBertLayer::ModernBertLayer(const ModernBertConfig& config, std::size_t index, at::Device device)
    : activation_(config.hidden_activation),
      attention_dropout_(config.attention_dropout),
      perceptron_dropout_(config.mlp_dropout) {
  attention_options_.num_heads = config.num_attention_heads;
  if (config.is_local[index]) attention_options_.window = config.local_attention / 2;
  const std::int64_t size = config.hidden_size;
  const std::int64_t inner = config.intermediate_size;
  const auto linear = [&](const char* name, std::int64_t from, std::int64_t to, bool has_bias) {
    return register_module(name, std::make_shared<Linear>(from, to, device, has_bias));
  };
  const auto norm = [&](const char* name) {
    return register_module(name, std::make_shared<LayerNorm>(size, config.norm_eps, device, config.norm_bias));
  };
  if (index > 0) attention_norm = norm("attention_norm");
  query_key_value = linear("query_key_value", size, 3 * size, config.attention_bias);
  attention_output = linear("attention_output", size, size, config.attention_bias);
  perceptron_norm = norm("perceptron_norm");
  input_and_gate = linear("input_and_gate", size, 2 * inner, config.mlp_bias);
  output = linear("output", inner, size, config.mlp_bias);
}

at::Tensor ModernBertLayer::perceptron(const at::Tensor& input) const {
  const at::Tensor inner = apply_gate(input_and_gate->forward(input));
  return output->forward(dropout(inner, is_training() ? perceptron_dropout_ : 0.0));
}

at::Tensor ModernBertLayer::apply_gate(const at::Tensor& rows) const {
  if (uses_kernels() && activation_ == Activation::kGelu && has_kernel_elements(rows)) return gated_gelu(rows);
  const std::vector<at::Tensor> parts = rows.chunk(2, 1);
  return activate(parts[0], activation_) * parts[1];
}

AttentionResult ModernBertLayer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                         const RotaryPositions& positions, bool return_weights) const {
  AttentionOptions options = attention_options_;
  options.dropout = is_training() ? attention_dropout_ : 0.0;
  options.return_weights = return_weights;
  options.use_kernel = uses_kernels();
  const at::Tensor input = attention_norm ? attention_norm->forward(hidden_states) : hidden_states;
  const at::Tensor rows = positions.rotate_queries_and_keys(query_key_value->forward(input), uses_kernels());
  const AttentionResult attended = attention(AttentionOperands({rows}), layout, layout, options);
  const at::Tensor middle = hidden_states + dropout(attention_output->forward(attended.context), options.dropout);
  return {middle + perceptron(perceptron_norm->forward(middle)), attended.weights};
}

ModernBertModel::ModernBertModel(const ModernBertConfig& config, at::Device device) : config_(config) {
  const auto norm = [&](const char* name) {
    return register_module(name,
                           std::make_shared<LayerNorm>(config.hidden_size, config.norm_eps, device, config.norm_bias));
  };
  word_ = register_module(
      "word", std::make_shared<Embedding>(config.vocab_size, config.hidden_size, config.pad_token_id, device));
  embedding_norm_ = norm("embedding_norm");
  for (std::size_t index = 0; index < config.is_local.size(); ++index)
    layers_.push_back(
        register_module("layer_" + std::to_string(index), std::make_shared<ModernBertLayer>(config, index, device)));
  last_norm_ = norm("last_norm");
}

ModelOutput ModernBertModel::forward(const ModelInput& input, NeededTokens /*needed*/) const {
  const std::int64_t head_size = config_.hidden_size / config_.num_attention_heads;
  const RotaryPositions global(input.layout, head_size, config_.global_rope_theta);
  const RotaryPositions local(input.layout, head_size, config_.local_rope_theta);
  ModelOutput output;
  at::Tensor hidden = embedding_norm_->forward(word_->forward(input.input_ids));
  hidden = dropout(hidden, is_training() ? config_.embedding_dropout : 0.0);
  for (const auto& layer : layers_) {
    if (input.return_hidden_states) output.hidden_states.push_back(hidden);
    const AttentionResult step =
        layer->forward(hidden, input.layout, layer->is_local() ? local : global, input.return_attentions);
    hidden = step.context;
    if (input.return_attentions) output.attentions.push_back(step.weights);
  }
  output.last_hidden_state = last_norm_->forward(hidden);
  if (input.return_hidden_states) output.hidden_states.push_back(output.last_hidden_state);
  return output;
}

std::vector<WeightRow> ModernBertModel::weight_rows() const {
  std::vector<WeightRow> rows;
  append_embedding_rows(rows, "embeddings.tok_embeddings", *word_);
  rows.back().zero_row = std::nullopt;  // drawn like the others, as there
  append_norm_rows(rows, "embeddings.norm", embedding_norm_->weight, embedding_norm_->bias);
  for (std::size_t index = 0; index < layers_.size(); ++index)
    append_layer_rows(rows, "layers." + std::to_string(index) + ".", *layers_[index], config_.output_scale());
  append_norm_rows(rows, "final_norm", last_norm_->weight, last_norm_->bias);
  for (WeightRow& row : rows) row.initial_cutoff = config_.initializer_cutoff_factor;
  return rows;
}

}  // namespace llmtool
