#include "llmtool/generation/decoding.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <limits>

#include "llmtool/core/errors.h"
#include "llmtool/models/language_model_heads.h"

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

at::Tensor IncrementalDecoder::append(const std::vector<std::vector<std::int64_t>>& new_ids) {
  std::vector<std::int64_t> ids, lengths;
  for (const std::vector<std::int64_t>& text : new_ids) {
    ids.insert(ids.end(), text.begin(), text.end());
    lengths.push_back(static_cast<std::int64_t>(text.size()));
  }
  const at::Device device = model_.body().word_embedding()->weight.device();
  ModelInput input{at::tensor(ids, at::kLong).to(device), at::Tensor(), cache_.continued_layout(lengths, device)};
  input.cache = &cache_;
  const at::Tensor hidden = model_.forward(input).last_hidden_state;
  const at::Tensor last = hidden.index_select(0, input.layout.last_rows());  // [texts, hidden]
  const at::Tensor scores = model_.head<LanguageModelHead>().logits(last).to(at::kCPU, at::kFloat);
  if (!scores.isfinite().all().item<bool>())
    throw NonFiniteError("the model's scores for the next token are not finite; its weights are damaged");
  return scores;
}

at::Tensor IncrementalDecoder::append(const std::vector<std::int64_t>& new_ids) {
  std::vector<std::vector<std::int64_t>> texts;
  for (const std::int64_t id : new_ids) texts.push_back({id});
  return append(texts);
}

}  // namespace llmtool
