#include "llmtool/optim/schedule.h"

#include <algorithm>
#include <cmath>

#include "llmtool/core/json.h"

namespace llmtool {

std::int64_t Warmup::steps(std::int64_t total_steps) const {
  if (amount >= 1.0) return static_cast<std::int64_t>(amount);
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * amount));
}

Warmup Warmup::from_json(const Json& json) {
  const double amount = json.is_number() ? json.get<double>() : -1.0;
  const bool is_share = amount >= 0.0 && amount < 1.0;
  const bool is_steps = amount >= 1.0 && amount <= 1e15 && amount == std::floor(amount);
  if (!is_share && !is_steps)
    throw ValueError("expected a share of all steps from 0 to below 1, or a whole number of steps, not " +
                     json_excerpt(json));
  return {amount};
}

Json Warmup::to_json() const {
  if (amount >= 1.0) return static_cast<std::int64_t>(amount);
  return amount;
}

Json Warmup::json_schema() {
  return Json::parse(R"({"oneOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1},
      {"type": "integer", "minimum": 1}]})");
}

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
