#include "llmtool/nn/embeddings.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "llmtool/kernels/dropout.h"
#include "llmtool/nn/positions.h"

namespace llmtool {
namespace {

// A batch reads a small part only of a table with more rows.
constexpr std::int64_t kSparseFrom = 4096;

}  // namespace

void resize_rows(at::Tensor& table, std::int64_t num_rows) {
  const at::NoGradGuard no_grad;
  const std::int64_t kept = std::min(num_rows, table.size(0));
  const at::Tensor old = table.detach();
  at::Tensor resized = at::empty({num_rows, table.size(1)}, old.options());
  resized.narrow(0, 0, kept).copy_(old.narrow(0, 0, kept));
  resized.narrow(0, kept, num_rows - kept).copy_(old.mean(0, true).expand({num_rows - kept, -1}));
  table.set_data(resized);
}

Embedding::Embedding(std::int64_t num_rows, std::int64_t size, std::optional<std::int64_t> padding_id,
                     at::Device device)
    : padding_id_(padding_id) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  weight = register_parameter("weight", at::empty({num_rows, size}, options));
}

at::Tensor Embedding::forward(const at::Tensor& ids) const {
  return at::embedding(weight, ids, padding_id_.value_or(-1), /*scale_grad_by_freq=*/false, has_sparse_gradient());
}

bool Embedding::has_sparse_gradient() const {
  return uses_kernels() && weight.is_cpu() && weight.size(0) >= kSparseFrom;
}

TextEmbeddings::TextEmbeddings(const TextEmbeddingsOptions& options, at::Device device)
    : counted_from_(options.counts_from_padding ? options.padding_id : std::nullopt),
      word_scale_(options.word_scale),
      dropout_(options.dropout) {
  const std::int64_t size = options.hidden_size;
  word =
      register_module("word", std::make_shared<Embedding>(options.vocabulary_size, size, options.padding_id, device));
  if (options.positions_are_sinusoidal) {
    sinusoids_ = register_buffer("sinusoids", sinusoidal_positions(options.num_positions, size, device));
  } else {
    position =
        register_module("position", std::make_shared<Embedding>(options.num_positions, size, counted_from_, device));
  }
  if (options.num_types > 0)
    type = register_module("type", std::make_shared<Embedding>(options.num_types, size, std::nullopt, device));
  if (options.has_layer_norm)
    layer_norm = register_module("layer_norm", std::make_shared<LayerNorm>(size, options.layer_norm_epsilon, device));
}

at::Tensor TextEmbeddings::position_ids(const at::Tensor& input_ids, const SequenceLayout& layout) const {
  if (!counted_from_) return layout.positions();
  const at::Tensor counts = input_ids.ne(*counted_from_).to(at::kLong);
  const at::Tensor before = counts.cumsum(0) - counts;
  const at::Tensor first_row = at::arange(layout.num_tokens(), counts.options()) - layout.positions();
  return (before + 1 - before.index_select(0, first_row)) * counts + *counted_from_;
}

at::Tensor TextEmbeddings::position_rows(const at::Tensor& input_ids, const SequenceLayout& layout) const {
  const at::Tensor ids = position_ids(input_ids, layout);
  return position ? position->forward(ids) : sinusoids_.index_select(0, ids);
}

at::Tensor TextEmbeddings::forward(const at::Tensor& input_ids, const at::Tensor& type_ids,
                                   const SequenceLayout& layout) const {
  at::Tensor sum = word->forward(input_ids);
  if (word_scale_ != 1.0) sum = sum * word_scale_;
  // The order of the sum is Hugging Face's: word and type first, then position.
  if (type) sum = sum + type->forward(type_ids.defined() ? type_ids : at::zeros_like(input_ids));
  sum = sum + position_rows(input_ids, layout);
  return dropout(layer_norm ? layer_norm->forward(sum) : sum, is_training() ? dropout_ : 0.0);
}

}  // namespace llmtool
