#include "llmtool/optim/schedule.h"

#include <algorithm>
#include <cmath>

namespace llmtool {

Schedule::Schedule(const ScheduleOptions& options, double peak_learning_rate, std::int64_t total_steps)
    : kind_(options.name),
      peak_learning_rate_(peak_learning_rate),
      total_steps_(total_steps),
      warmup_steps_(options.warmup.steps(total_steps)) {}

double Schedule::learning_rate(std::int64_t step) const {
  return peak_learning_rate_ * factor(static_cast<double>(step));
}

// transformers/optimization.py, the *_lr_lambda functions.
double Schedule::factor(double step) const {
  const auto warmup = static_cast<double>(warmup_steps_);
  const auto total = static_cast<double>(total_steps_);
  if (step < warmup) return step / std::max(1.0, warmup);
  const double length = std::max(1.0, total - warmup);
  switch (kind_) {
    case ScheduleKind::kLinear:
      return std::max(0.0, (total - step) / length);
    case ScheduleKind::kCosine:
      return std::max(0.0, 0.5 * (1.0 + std::cos(M_PI * (step - warmup) / length)));
    case ScheduleKind::kConstant:
      break;
  }
  return 1.0;
}

}  // namespace llmtool
