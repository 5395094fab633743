#include "llmtool/models/deberta_v2_layers.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/dropout.h"
#include "llmtool/nn/activate.h"

namespace llmtool {

DebertaV2Embeddings::DebertaV2Embeddings(const DebertaV2Config& config, at::Device device)
    : dropout_(config.hidden_dropout_prob) {
  const std::int64_t size = config.embedding_size;
  word = register_module("word", std::make_shared<Embedding>(config.vocab_size, size, config.pad_token_id, device));
  if (config.position_biased_input)
    position = register_module("position",
                               std::make_shared<Embedding>(config.max_position_embeddings, size, std::nullopt, device));
  if (config.type_vocab_size > 0)
    type = register_module("type", std::make_shared<Embedding>(config.type_vocab_size, size, std::nullopt, device));
  if (size != config.hidden_size)
    projection = register_module("projection", std::make_shared<Linear>(size, config.hidden_size, device, false));
  norm = register_module("norm", std::make_shared<LayerNorm>(config.hidden_size, config.layer_norm_eps, device));
}

at::Tensor DebertaV2Embeddings::forward(const at::Tensor& input_ids, const at::Tensor& type_ids,
                                        const SequenceLayout& layout) const {
  at::Tensor sum = word->forward(input_ids);
  if (position) sum = sum + position->forward(layout.positions());
  if (type) sum = sum + type->forward(type_ids.defined() ? type_ids : at::zeros_like(input_ids));
  if (projection) sum = projection->forward(sum);
  return dropout(norm->forward(sum), is_training() ? dropout_ : 0.0);
}

DebertaV2ConvolutionLayer::DebertaV2ConvolutionLayer(const DebertaV2Config& config, at::Device device)
    : convolution_(*config.convolution), dropout_(config.hidden_dropout_prob) {
  const auto numbers = at::TensorOptions().dtype(at::kFloat).device(device);
  const std::int64_t size = config.hidden_size;
  weight =
      register_parameter("weight", at::empty({size, size / convolution_.groups, convolution_.kernel_size}, numbers));
  bias = register_parameter("bias", at::empty({size}, numbers));
  norm = register_module("norm", std::make_shared<LayerNorm>(size, config.layer_norm_eps, device));
}

at::Tensor DebertaV2ConvolutionLayer::forward(const at::Tensor& input, const at::Tensor& layer_output,
                                              const SequenceLayout& layout) const {
  const std::int64_t num_slots = layout.num_sequences() * layout.max_length();
  at::Tensor padded = input.to(weight.scalar_type());
  // Zeros beyond a text's end, as convolution has them at the ends of a batch.
  if (!layout.is_uniform())
    padded = at::zeros({num_slots, input.size(1)}, padded.options()).index_copy(0, layout.packed_to_padded(), padded);
  const at::Tensor channels =
      padded.view({layout.num_sequences(), layout.max_length(), -1}).transpose(1, 2);  // [sequences, hidden, longest]
  const at::Tensor convolved =
      at::conv1d(channels, weight, bias, 1, (convolution_.kernel_size - 1) / 2, 1, convolution_.groups)
          .transpose(1, 2)
          .reshape({num_slots, -1});
  const at::Tensor rows = layout.is_uniform() ? convolved : convolved.index_select(0, layout.packed_to_padded());
  return norm->forward(layer_output + activate(dropout(rows, is_training() ? dropout_ : 0.0), convolution_.activation));
}

DebertaV2Layer::DebertaV2Layer(const DebertaV2Config& config, at::Device device)
    : activation_(config.hidden_act), dropout_(config.hidden_dropout_prob) {
  const std::int64_t size = config.hidden_size;
  attention = register_module("attention", std::make_shared<DisentangledAttention>(config, device));
  attention_output = register_module("attention_output", std::make_shared<Linear>(size, size, device));
  attention_norm = register_module("attention_norm", std::make_shared<LayerNorm>(size, config.layer_norm_eps, device));
  intermediate = register_module("intermediate", std::make_shared<Linear>(size, config.intermediate_size, device));
  output = register_module("output", std::make_shared<Linear>(config.intermediate_size, size, device));
  output_norm = register_module("output_norm", std::make_shared<LayerNorm>(size, config.layer_norm_eps, device));
}

at::Tensor DebertaV2Layer::add(const at::Tensor& update, const at::Tensor& residual) const {
  return dropout(update, is_training() ? dropout_ : 0.0) + residual;
}

AttentionResult DebertaV2Layer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                        const RelativePositions& positions) const {
  const AttentionResult attended = attention->forward(hidden_states, layout, positions);
  const at::Tensor middle = attention_norm->forward(add(attention_output->forward(attended.context), hidden_states));
  const at::Tensor inner = activate(intermediate->forward(middle), activation_);
  return {output_norm->forward(add(output->forward(inner), middle)), attended.weights};
}

}  // namespace llmtool
