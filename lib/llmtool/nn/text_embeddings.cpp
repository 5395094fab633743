#include "llmtool/nn/text_embeddings.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/dropout.h"

namespace llmtool {

TextEmbeddings::TextEmbeddings(const TextEmbeddingsOptions& options, at::Device device)
    : first_position_(options.first_position), dropout_(options.dropout) {
  const std::int64_t size = options.hidden_size;
  word =
      register_module("word", std::make_shared<Embedding>(options.vocabulary_size, size, options.padding_id, device));
  position =
      register_module("position", std::make_shared<Embedding>(options.num_positions, size, std::nullopt, device));
  if (options.num_types > 0)
    type = register_module("type", std::make_shared<Embedding>(options.num_types, size, std::nullopt, device));
  if (options.has_layer_norm)
    layer_norm = register_module("layer_norm", std::make_shared<LayerNorm>(size, options.layer_norm_epsilon, device));
}

at::Tensor TextEmbeddings::forward(const at::Tensor& input_ids, const at::Tensor& type_ids,
                                   const SequenceLayout& layout) const {
  at::Tensor sum = word->forward(input_ids);
  // The order of the sum is Hugging Face's: word and type first, then position.
  if (type) sum = sum + type->forward(type_ids.defined() ? type_ids : at::zeros_like(input_ids));
  const at::Tensor& positions = layout.positions();
  sum = sum + position->forward(first_position_ == 0 ? positions : positions + first_position_);
  return dropout(layer_norm ? layer_norm->forward(sum) : sum, is_training() ? dropout_ : 0.0);
}

}  // namespace llmtool
