#include "llmtool/nn/encoder_layer.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/dropout.h"
#include "llmtool/nn/activate.h"

namespace llmtool {

EncoderLayer::EncoderLayer(const EncoderOptions& options, at::Device device)
    : activation_(options.activation),
      attention_output_dropout_(options.attention_output_dropout),
      intermediate_dropout_(options.intermediate_dropout),
      output_dropout_(options.output_dropout),
      is_pre_norm_(options.is_pre_norm) {
  const std::int64_t size = options.hidden_size;
  const std::int64_t inner = options.intermediate_size;
  const double epsilon = options.layer_norm_epsilon;
  self_attention = register_module("self_attention", std::make_shared<SelfAttention>(options, device));
  attention_output = register_module("attention_output", std::make_shared<Linear>(size, size, device));
  attention_norm = register_module("attention_norm", std::make_shared<LayerNorm>(size, epsilon, device));
  intermediate = register_module("intermediate", std::make_shared<Linear>(size, inner, device));
  output = register_module("output", std::make_shared<Linear>(inner, size, device));
  output_norm = register_module("output_norm", std::make_shared<LayerNorm>(size, epsilon, device));
}

at::Tensor EncoderLayer::add(const at::Tensor& update, const at::Tensor& residual, double rate) const {
  return dropout(update, is_training() ? rate : 0.0) + residual;
}

at::Tensor EncoderLayer::perceptron(const at::Tensor& input) const {
  const at::Tensor inner = activate(intermediate->forward(input), activation_);
  return output->forward(dropout(inner, is_training() ? intermediate_dropout_ : 0.0));
}

EncoderLayerResult EncoderLayer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                         const LayerRequest& request) const {
  const at::Tensor input = is_pre_norm_ ? attention_norm->forward(hidden_states) : hidden_states;
  const AttentionResult attended = self_attention->forward(input, layout, request);
  const at::Tensor update = attention_output->forward(attended.context);
  const at::Tensor middle = add(update, hidden_states, attention_output_dropout_);
  if (is_pre_norm_) return {add(perceptron(output_norm->forward(middle)), middle, output_dropout_), attended.weights};
  const at::Tensor normalized = attention_norm->forward(middle);
  return {output_norm->forward(add(perceptron(normalized), normalized, output_dropout_)), attended.weights};
}

}  // namespace llmtool
