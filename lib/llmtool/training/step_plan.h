#pragma once

#include <cstdint>

#include "llmtool/training/options.h"

namespace llmtool {

// How the examples of an epoch make micro-batches and optimizer steps, as transformers' Trainer counts them: no
// micro-batch and no step reaches over the end of an epoch, so the last ones of an epoch may be smaller.
class StepPlan {
 public:
  // `num_examples` of this rank in every epoch. Throws DataError when it is 0.
  StepPlan(std::int64_t num_examples, const TrainingOptions& options);

  std::int64_t num_examples() const { return num_examples_; }
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  std::int64_t total_steps() const { return total_steps_; }

  // Where the step numbered `step` (from 0) stands: its epoch and its micro-batches [first, end) within the epoch.
  struct Position {
    std::int64_t epoch = 0;
    std::int64_t first_micro_batch = 0;
    std::int64_t end_micro_batch = 0;
  };
  Position position(std::int64_t step) const;
  // The examples [first, end) of a micro-batch within the order of its epoch.
  std::int64_t first_example(std::int64_t micro_batch) const { return micro_batch * batch_size_; }
  std::int64_t end_example(std::int64_t micro_batch) const;

  // Passes over the data after `steps` steps.
  double epochs_after(std::int64_t steps) const;
  bool ends_epoch(std::int64_t steps) const { return steps > 0 && steps % steps_per_epoch_ == 0; }

 private:
  std::int64_t num_examples_;
  std::int64_t batch_size_;
  std::int64_t accumulation_;
  std::int64_t micro_batches_per_epoch_;
  std::int64_t steps_per_epoch_;
  std::int64_t total_steps_;
};

}  // namespace llmtool
