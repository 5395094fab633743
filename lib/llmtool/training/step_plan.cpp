#include "llmtool/training/step_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) { return (dividend + divisor - 1) / divisor; }

std::int64_t sum_of(std::span<const std::int64_t> lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
}

}  // namespace

BatchCuts::BatchCuts(std::int64_t num_examples, std::span<const std::int64_t> lengths, const TrainingOptions& options)
    : num_examples_(num_examples), batch_size_(options.batch_size), by_tokens_(options.tokens_per_batch.has_value()) {
  if (num_examples == 0) throw DataError("there are no training examples");
  num_micro_batches_ =
      by_tokens_ ? std::clamp<std::int64_t>(divide_up(sum_of(lengths), *options.tokens_per_batch), 1, num_examples)
                 : divide_up(num_examples, batch_size_);
}

std::vector<std::int64_t> BatchCuts::places(std::span<const std::int64_t> lengths) const {
  if (by_tokens_) return places_by_tokens(lengths);
  std::vector<std::int64_t> places;
  for (std::int64_t begin = 0; begin < num_examples_; begin += batch_size_) places.push_back(begin);
  places.push_back(num_examples_);
  return places;
}

// An example belongs to the equal share of the tokens in which its middle lies.
std::vector<std::int64_t> BatchCuts::places_by_tokens(std::span<const std::int64_t> lengths) const {
  const double share = static_cast<double>(sum_of(lengths)) / num_micro_batches_;
  std::vector<std::int64_t> places{0};
  double before = 0.0;
  for (std::int64_t place = 0; place < num_examples_; ++place) {
    const auto own = static_cast<double>(lengths[static_cast<std::size_t>(place)]);
    const auto batch = static_cast<std::int64_t>(places.size());  // begins here, if one does
    const std::int64_t left = num_micro_batches_ - batch;
    const bool is_next_share = before + 0.5 * own >= share * static_cast<double>(batch);
    const bool is_needed = num_examples_ - place == left;  // by those that begin later, one example each
    if (place > places.back() && left > 0 && (is_next_share || is_needed)) places.push_back(place);
    before += own;
  }
  places.push_back(num_examples_);
  return places;
}

StepPlan::StepPlan(std::int64_t micro_batches_per_epoch, const TrainingOptions& options)
    : accumulation_(options.accumulation), micro_batches_per_epoch_(micro_batches_per_epoch) {
  steps_per_epoch_ = (micro_batches_per_epoch_ + accumulation_ - 1) / accumulation_;
  const double steps = std::ceil(options.epochs * static_cast<double>(steps_per_epoch_));
  total_steps_ = options.max_steps.value_or(std::max<std::int64_t>(1, static_cast<std::int64_t>(steps)));
}

StepPlan::Position StepPlan::position(std::int64_t step) const {
  const std::int64_t first = step % steps_per_epoch_ * accumulation_;
  return {step / steps_per_epoch_, first, std::min(first + accumulation_, micro_batches_per_epoch_)};
}

double StepPlan::epochs_after(std::int64_t steps) const {
  if (steps == 0) return 0.0;
  const Position last = position(steps - 1);
  return static_cast<double>(last.epoch) +
         static_cast<double>(last.end_micro_batch) / static_cast<double>(micro_batches_per_epoch_);
}

}  // namespace llmtool
