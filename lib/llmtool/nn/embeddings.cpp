#include "llmtool/nn/embeddings.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "llmtool/kernels/elementwise.h"
#include "llmtool/kernels/tensor_elements.h"

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

// In fp32 throughout, as Hugging Face computes the angles.
RotaryPositions::RotaryPositions(const SequenceLayout& layout, std::int64_t head_size, double theta) {
  const at::Tensor positions = layout.positions().to(at::kFloat);
  const at::Tensor exponents = at::arange(0, head_size, 2, positions.options()) / static_cast<double>(head_size);
  const at::Tensor frequencies = at::pow(theta, exponents).reciprocal();
  const at::Tensor angles = positions.unsqueeze(1) * frequencies;  // [tokens, head_size / 2]
  cosines_ = angles.cos();
  sines_ = angles.sin();
}

at::Tensor RotaryPositions::rotate_queries_and_keys(const at::Tensor& rows, bool use_kernel) const {
  if (use_kernel && has_kernel_elements(rows)) return llmtool::rotate_queries_and_keys(rows, cosines_, sines_);
  const std::int64_t size = rows.size(1) / 3;
  return at::cat({rotate(rows.narrow(1, 0, 2 * size)), rows.narrow(1, 2 * size, size)}, 1);
}

at::Tensor RotaryPositions::rotate(const at::Tensor& rows) const {
  const std::int64_t half = cosines_.size(1);
  const at::Tensor cosines = cosines_.unsqueeze(1);
  const at::Tensor sines = sines_.unsqueeze(1);
  const at::Tensor heads = rows.view({rows.size(0), -1, 2 * half});  // [tokens, heads, head_size]
  const at::Tensor first = heads.narrow(2, 0, half);
  const at::Tensor second = heads.narrow(2, half, half);
  const at::Tensor rotated = at::cat({first * cosines - second * sines, second * cosines + first * sines}, 2);
  return rotated.flatten(1).to(rows.scalar_type());
}

at::Tensor sinusoidal_positions(std::int64_t num_positions, std::int64_t size, at::Device device) {
  const auto doubles = at::TensorOptions().dtype(at::kDouble).device(device);
  const at::Tensor exponents = at::arange(0, size, 2, doubles) / static_cast<double>(size);
  const at::Tensor frequencies = (exponents * -std::log(10000.0)).exp();
  const at::Tensor angles = at::arange(num_positions, doubles).unsqueeze(1) * frequencies;  // [positions, (size+1)/2]
  // Pairs side by side; an odd size has no last cosine.
  return at::stack({angles.sin(), angles.cos()}, 2).flatten(1).narrow(1, 0, size).to(at::kFloat).contiguous();
}

}  // namespace llmtool
