#include "llmtool/training/step_plan.h"

#include <algorithm>
#include <cmath>

namespace llmtool {

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
