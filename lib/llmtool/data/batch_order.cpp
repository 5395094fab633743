#include "llmtool/data/batch_order.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "llmtool/core/random.h"

namespace llmtool {

Sampler::Sampler(SampleOrder order, std::vector<std::int64_t> lengths, std::int64_t batch_size, std::uint64_t seed)
    : order_(order), lengths_(std::move(lengths)), batch_size_(batch_size), seed_(seed) {
  if (batch_size < 1) throw std::invalid_argument("the batch size must be at least 1");
}

std::vector<std::int64_t> Sampler::epoch_order(std::int64_t epoch) const {
  if (order_ == SampleOrder::kSequential) {
    std::vector<std::int64_t> order(lengths_.size());
    std::iota(order.begin(), order.end(), std::int64_t{0});
    return order;
  }
  auto order = random_permutation(num_examples(), CounterRandom(seed_, static_cast<std::uint64_t>(epoch)));
  return order_ == SampleOrder::kShuffled ? order : group_by_length(std::move(order), lengths_, batch_size_);
}

std::vector<std::int64_t> group_by_length(std::vector<std::int64_t> shuffled, std::span<const std::int64_t> lengths,
                                          std::int64_t batch_size) {
  if (shuffled.empty()) return shuffled;
  const auto length = [&](std::int64_t example) { return lengths[static_cast<std::size_t>(example)]; };
  const auto num_examples = static_cast<std::int64_t>(shuffled.size());
  const std::int64_t batches_per_block = std::clamp<std::int64_t>(num_examples / (batch_size * 4), 1, 50);
  const std::int64_t block_size = batches_per_block * batch_size;
  std::int64_t longest = 0;
  for (std::int64_t begin = 0; begin < num_examples; begin += block_size) {
    const auto first = shuffled.begin() + begin;
    const auto last = shuffled.begin() + std::min(begin + block_size, num_examples);
    std::stable_sort(first, last, [&](std::int64_t left, std::int64_t right) { return length(left) > length(right); });
    if (length(*first) > length(shuffled[static_cast<std::size_t>(longest)])) longest = begin;
  }
  std::swap(shuffled.front(), shuffled[static_cast<std::size_t>(longest)]);
  return shuffled;
}

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
