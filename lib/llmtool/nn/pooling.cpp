#include "llmtool/nn/pooling.h"

#include <ATen/Functions.h>

namespace llmtool {
namespace {

// The default of torch.nn.functional.normalize.
constexpr double kShortestNorm = 1e-12;

at::Tensor mean_of_sequences(const at::Tensor& hidden, const SequenceLayout& layout) {
  const at::Tensor lengths = at::tensor(layout.lengths(), at::kLong).to(hidden.device());
  const at::Tensor numbers = at::arange(layout.num_sequences(), lengths.options());
  const at::Tensor sequence_of_row = at::repeat_interleave(numbers, lengths, 0, layout.num_tokens());
  const at::Tensor sums =
      at::zeros({layout.num_sequences(), hidden.size(1)}, hidden.options()).index_add(0, sequence_of_row, hidden);
  return sums / lengths.unsqueeze(1);
}

}  // namespace

at::Tensor pool_tokens(const at::Tensor& hidden, const SequenceLayout& layout, Pooling pooling) {
  if (pooling == Pooling::kCls) return hidden.index_select(0, layout.first_rows()).to(at::kFloat);
  return mean_of_sequences(hidden.to(at::kFloat),
                           layout);  // a sum of many tokens in bf16 would lose most of its digits
}

at::Tensor normalize_rows(const at::Tensor& rows) {
  return rows / rows.norm(2, 1, /*keepdim=*/true).clamp_min(kShortestNorm);
}

}  // namespace llmtool
