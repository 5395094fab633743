#pragma once

#include <cstdint>

#include "llmtool/optim/options.h"

namespace llmtool {

// The learning rate over a run of `total_steps` optimizer steps: transformers' get_linear_schedule_with_warmup,
// get_cosine_schedule_with_warmup (half a cosine) and get_constant_schedule_with_warmup. A pure function of the step.
class Schedule {
 public:
  Schedule(const ScheduleOptions& options, double peak_learning_rate, std::int64_t total_steps);

  // Learning rate of the step numbered `step`, counted from 0.
  double learning_rate(std::int64_t step) const;
  std::int64_t warmup_steps() const { return warmup_steps_; }

 private:
  double factor(double step) const;

  ScheduleKind kind_;
  double peak_learning_rate_;
  std::int64_t total_steps_;
  std::int64_t warmup_steps_;
};

}  // namespace llmtool
