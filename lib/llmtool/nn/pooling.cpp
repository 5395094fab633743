#include "llmtool/nn/pooling.h"

#include <ATen/Functions.h>

#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace llmtool {
namespace {

// The default of torch.nn.functional.normalize.
constexpr double kShortestNorm = 1e-12;

at::Tensor lengths_of(const SequenceLayout& layout, c10::Device device) {
  return at::tensor(layout.lengths(), at::kLong).to(device);
}

// int64 [tokens]: the sequence each row belongs to.
at::Tensor sequence_of_rows(const SequenceLayout& layout, c10::Device device) {
  const at::Tensor lengths = lengths_of(layout, device);
  const at::Tensor numbers = at::arange(layout.num_sequences(), lengths.options());
  return at::repeat_interleave(numbers, lengths, 0, layout.num_tokens());
}

at::Tensor sums_of_sequences(const at::Tensor& rows, const SequenceLayout& layout) {
  return at::zeros({layout.num_sequences(), rows.size(1)}, rows.options())
      .index_add(0, sequence_of_rows(layout, rows.device()), rows);
}

at::Tensor largest_of_sequences(const at::Tensor& rows, const SequenceLayout& layout) {
  const at::Tensor sequences = sequence_of_rows(layout, rows.device()).unsqueeze(1).expand_as(rows);
  return at::full({layout.num_sequences(), rows.size(1)}, -std::numeric_limits<float>::infinity(), rows.options())
      .scatter_reduce(0, sequences, rows, "amax");
}

at::Tensor weighted_mean_of_sequences(const at::Tensor& rows, const SequenceLayout& layout) {
  const at::Tensor weights = (layout.positions().to(rows.device()) + 1).to(rows.scalar_type()).unsqueeze(1);
  return sums_of_sequences(rows * weights, layout) / sums_of_sequences(weights, layout);
}

}  // namespace

at::Tensor pool_tokens(const at::Tensor& hidden, const SequenceLayout& layout, Pooling pooling) {
  if (pooling == Pooling::kCls) return hidden.index_select(0, layout.first_rows()).to(at::kFloat);
  if (pooling == Pooling::kLastToken) return hidden.index_select(0, layout.last_rows()).to(at::kFloat);
  const at::Tensor rows = hidden.to(at::kFloat);  // a sum of many tokens in bf16 would lose most of its digits
  switch (pooling) {
    case Pooling::kMax:
      return largest_of_sequences(rows, layout);
    case Pooling::kMean:
      return sums_of_sequences(rows, layout) / lengths_of(layout, rows.device()).unsqueeze(1);
    case Pooling::kMeanSqrtLength:
      return sums_of_sequences(rows, layout) / lengths_of(layout, rows.device()).unsqueeze(1).to(at::kFloat).sqrt();
    case Pooling::kWeightedMean:
      return weighted_mean_of_sequences(rows, layout);
    default:
      throw std::logic_error("a pooling without a function");
  }
}

PackedTokens without_first_tokens(const at::Tensor& hidden, const SequenceLayout& layout, std::int64_t count) {
  std::vector<std::int64_t> lengths;
  for (const std::int64_t length : layout.lengths()) lengths.push_back(length - count);
  const std::vector<std::int64_t> first_positions(lengths.size(), count);
  const at::Tensor kept = at::nonzero(layout.positions().ge(count)).squeeze(1).to(hidden.device());
  return {hidden.index_select(0, kept), SequenceLayout(std::move(lengths), first_positions, hidden.device())};
}

at::Tensor normalize_rows(const at::Tensor& rows) {
  return rows / rows.norm(2, 1, /*keepdim=*/true).clamp_min(kShortestNorm);
}

}  // namespace llmtool
