#include "llmtool/training/step_plan.h"

#include <algorithm>
#include <cmath>

namespace llmtool {
namespace {

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) { return (dividend + divisor - 1) / divisor; }

}  // namespace

StepPlan::StepPlan(std::int64_t num_examples, const TrainingOptions& options)
    : num_examples_(num_examples), batch_size_(options.batch_size), accumulation_(options.accumulation) {
  if (num_examples == 0) throw DataError("there are no training examples");
  micro_batches_per_epoch_ = divide_up(num_examples, batch_size_);
  steps_per_epoch_ = divide_up(micro_batches_per_epoch_, accumulation_);
  const double steps = std::ceil(options.epochs * static_cast<double>(steps_per_epoch_));
  total_steps_ = options.max_steps.value_or(std::max<std::int64_t>(1, static_cast<std::int64_t>(steps)));
}

StepPlan::Position StepPlan::position(std::int64_t step) const {
  const std::int64_t first = step % steps_per_epoch_ * accumulation_;
  return {step / steps_per_epoch_, first, std::min(first + accumulation_, micro_batches_per_epoch_)};
}

std::int64_t StepPlan::end_example(std::int64_t micro_batch) const {
  return std::min(first_example(micro_batch) + batch_size_, num_examples_);
}

double StepPlan::epochs_after(std::int64_t steps) const {
  if (steps == 0) return 0.0;
  const Position last = position(steps - 1);
  return static_cast<double>(last.epoch) +
         static_cast<double>(last.end_micro_batch) / static_cast<double>(micro_batches_per_epoch_);
}

}  // namespace llmtool
