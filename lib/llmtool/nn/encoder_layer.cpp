#include "llmtool/nn/encoder_layer.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/dropout.h"
#include "llmtool/nn/activate.h"

namespace llmtool {

SelfAttention::SelfAttention(const EncoderOptions& options, at::Device device)
    : num_heads_(options.num_heads), dropout_(options.attention_dropout) {
  const std::int64_t size = options.hidden_size;
  query = register_module("query", std::make_shared<Linear>(size, size, device));
  key = register_module("key", std::make_shared<Linear>(size, size, device));
  value = register_module("value", std::make_shared<Linear>(size, size, device));
}

AttentionResult SelfAttention::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                       bool return_weights) const {
  const AttentionOptions options{num_heads_, is_training() ? dropout_ : 0.0, return_weights};
  return attention(query->forward(hidden_states), key->forward(hidden_states), value->forward(hidden_states), layout,
                   layout, options);
}

EncoderLayer::EncoderLayer(const EncoderOptions& options, at::Device device)
    : activation_(options.activation), dropout_(options.hidden_dropout) {
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

at::Tensor EncoderLayer::add_and_normalize(const at::Tensor& update, const at::Tensor& residual,
                                           const LayerNorm& norm) const {
  return norm.forward(dropout(update, is_training() ? dropout_ : 0.0) + residual);
}

EncoderLayerResult EncoderLayer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                         bool return_weights) const {
  const AttentionResult attended = self_attention->forward(hidden_states, layout, return_weights);
  const at::Tensor middle =
      add_and_normalize(attention_output->forward(attended.context), hidden_states, *attention_norm);
  const at::Tensor inner = activate(intermediate->forward(middle), activation_);
  return {add_and_normalize(output->forward(inner), middle, *output_norm), attended.weights};
}

}  // namespace llmtool
