#pragma once

#include <cstdint>

#include "llmtool/training/options.h"

namespace llmtool {

// How the micro-batches of an epoch make optimizer steps, as transformers' Trainer counts them: no step reaches over
// the end of an epoch, so the last one of an epoch may be smaller.
class StepPlan {
 public:
  // `micro_batches_per_epoch` of this rank, at least 1.
  StepPlan(std::int64_t micro_batches_per_epoch, const TrainingOptions& options);

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  std::int64_t total_steps() const { return total_steps_; }

  // Where the step numbered `step` (from 0) stands: its epoch and its micro-batches [first, end) within the epoch.
  struct Position {
    std::int64_t epoch = 0;
    std::int64_t first_micro_batch = 0;
    std::int64_t end_micro_batch = 0;
  };
  Position position(std::int64_t step) const;

  // Passes over the data after `steps` steps.
  double epochs_after(std::int64_t steps) const;
  bool ends_epoch(std::int64_t steps) const { return steps > 0 && steps % steps_per_epoch_ == 0; }

 private:
  std::int64_t accumulation_;
  std::int64_t micro_batches_per_epoch_;
  std::int64_t steps_per_epoch_;
  std::int64_t total_steps_;
};

}  // namespace llmtool
