#include "llmtool/models/modernbert_layer.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/dropout.h"
#include "llmtool/kernels/gated_gelu.h"
#include "llmtool/kernels/tensor_elements.h"
#include "llmtool/nn/activate.h"

namespace llmtool {

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

}  // namespace llmtool
