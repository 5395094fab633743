#include "llmtool/data/batch_plan.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace llmtool {
namespace {

std::int64_t divide_up(std::int64_t value, std::int64_t divisor) { return (value + divisor - 1) / divisor; }

}  // namespace

BatchPlan::BatchPlan(std::vector<std::int64_t> order, const BatchPlanOptions& options)
    : order_(std::move(order)), options_(options) {
  if (options.batch_size < 1 || options.accumulation < 1 || options.world_size < 1)
    throw std::invalid_argument("batch size, accumulation and world size must be at least 1");
  if (options.rank < 0 || options.rank >= options.world_size)
    throw std::invalid_argument("the rank is outside the world");
}

std::int64_t BatchPlan::num_micro_batches() const {
  return divide_up(static_cast<std::int64_t>(order_.size()), options_.batch_size * options_.world_size);
}

std::int64_t BatchPlan::num_steps() const { return divide_up(num_micro_batches(), options_.accumulation); }

std::span<const std::int64_t> BatchPlan::micro_batch(std::int64_t index) const {
  const auto size = static_cast<std::int64_t>(order_.size());
  const std::int64_t begin = (index * options_.world_size + options_.rank) * options_.batch_size;
  const std::int64_t first = std::clamp<std::int64_t>(begin, 0, size);
  const std::int64_t last = std::clamp<std::int64_t>(begin + options_.batch_size, 0, size);
  return std::span(order_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
}

std::int64_t BatchPlan::last_micro_batch(std::int64_t step) const {
  return std::min(first_micro_batch(step) + options_.accumulation, num_micro_batches());
}

ScoringPlan::ScoringPlan(std::span<const std::int64_t> lengths, std::int64_t batch_size, std::int64_t max_tokens)
    : order_(lengths.size()) {
  if (batch_size < 1) throw std::invalid_argument("the batch size must be at least 1");
  const auto length = [&](std::int64_t example) { return lengths[static_cast<std::size_t>(example)]; };
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
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

std::vector<std::int64_t> ScoringPlan::restoring_index() const {
  std::vector<std::int64_t> positions(order_.size());
  for (std::size_t position = 0; position < order_.size(); ++position)
    positions[static_cast<std::size_t>(order_[position])] = static_cast<std::int64_t>(position);
  return positions;
}

}  // namespace llmtool
