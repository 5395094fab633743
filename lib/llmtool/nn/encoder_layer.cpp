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

double EncoderLayer::rate(double dropout) const { return is_training() ? dropout : 0.0; }

at::Tensor EncoderLayer::perceptron(const at::Tensor& input) const {
  const at::Tensor inner = activate(intermediate->forward(input), activation_, uses_kernels());
  return output->forward(dropout(inner, rate(intermediate_dropout_)));
}

EncoderLayerResult EncoderLayer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                         const LayerRequest& request) const {
  const at::Tensor input = is_pre_norm_ ? attention_norm->forward(hidden_states) : hidden_states;
  const AttentionResult attended = self_attention->forward(input, layout, request);
  const at::Tensor update = attention_output->forward(attended.context);
  const at::Tensor residual =
      request.first_tokens_only ? hidden_states.index_select(0, layout.first_rows()) : hidden_states;
  if (is_pre_norm_) {
    const at::Tensor middle = dropout(update, rate(attention_output_dropout_)) + residual;
    const at::Tensor last = perceptron(output_norm->forward(middle));
    return {dropout(last, rate(output_dropout_)) + middle, attended.weights};
  }
  const at::Tensor middle = attention_norm->forward_sum(update, residual, rate(attention_output_dropout_));
  return {output_norm->forward_sum(perceptron(middle), middle, rate(output_dropout_)), attended.weights};
}

}  // namespace llmtool
