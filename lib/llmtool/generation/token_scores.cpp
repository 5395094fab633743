#include "llmtool/generation/token_scores.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <limits>

namespace llmtool {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace

at::Tensor penalize_repetition(const at::Tensor& scores, const std::vector<std::int64_t>& text, double penalty) {
  const at::Tensor ids = at::tensor(text, at::kLong);
  const at::Tensor seen = scores.index_select(0, ids);
  return scores.scatter(0, ids, at::where(seen < 0, seen * penalty, seen / penalty));
}

at::Tensor keep_top_k(const at::Tensor& scores, std::int64_t count) {
  const at::Tensor best = std::get<0>(scores.topk(std::min(count, scores.size(0))));
  return scores.masked_fill(scores < best.select(0, -1), kNever);
}

at::Tensor keep_top_p(const at::Tensor& scores, double share) {
  const auto [ascending, order] = scores.sort(0, false);
  at::Tensor is_dropped = ascending.softmax(0).cumsum(0) <= 1.0 - share;
  is_dropped.select(0, -1).fill_(false);
  return scores.masked_fill(is_dropped.scatter(0, order, is_dropped), kNever);
}

std::int64_t draw_token(const at::Tensor& scores, double place) {
  const at::Tensor cumulated = scores.to(at::kDouble).softmax(0).cumsum(0);
  const double* values = cumulated.const_data_ptr<double>();
  const std::int64_t size = cumulated.size(0);
  // Of the sum, which rounding keeps from being exactly 1; the first beyond has a probability above 0.
  const double* found = std::upper_bound(values, values + size, place * values[size - 1]);
  return found == values + size ? scores.argmax().item<std::int64_t>() : found - values;
}

}  // namespace llmtool
