#include "llmtool/data/scoring_plan.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace llmtool {

ScoringPlan::ScoringPlan(std::vector<std::int64_t> examples, std::span<const std::int64_t> lengths,
                         std::int64_t batch_size, std::int64_t max_tokens)
    : order_(std::move(examples)) {
  if (batch_size < 1) throw std::invalid_argument("the batch size must be at least 1");
  const auto length = [&](std::int64_t example) { return lengths[static_cast<std::size_t>(example)]; };
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::int64_t left, std::int64_t right) { return length(left) > length(right); });
  std::int64_t num_examples = 0;
  std::int64_t num_tokens = 0;
  for (std::size_t position = 0; position < order_.size(); ++position) {
    const std::int64_t tokens = length(order_[position]);
    const bool too_many_tokens = max_tokens > 0 && num_tokens + tokens > max_tokens;
    if (num_examples > 0 && (num_examples == batch_size || too_many_tokens)) {
      ends_.push_back(static_cast<std::int64_t>(position));
      num_examples = 0;
      num_tokens = 0;
    }
    ++num_examples;
    num_tokens += tokens;
  }
  if (!order_.empty()) ends_.push_back(static_cast<std::int64_t>(order_.size()));
}

std::span<const std::int64_t> ScoringPlan::batch(std::int64_t index) const {
  const std::int64_t begin = index == 0 ? 0 : ends_.at(static_cast<std::size_t>(index) - 1);
  const std::int64_t end = ends_.at(static_cast<std::size_t>(index));
  return std::span(order_).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

}  // namespace llmtool
