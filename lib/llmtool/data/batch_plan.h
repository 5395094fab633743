#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace llmtool {

struct BatchPlanOptions {
  std::int64_t batch_size = 1;    // examples per rank and micro-batch
  std::int64_t accumulation = 1;  // micro-batches of an optimizer step
  std::int64_t rank = 0;
  std::int64_t world_size = 1;
};

// An epoch's order cut into micro-batches and optimizer steps. A micro-batch of all ranks together is a run of
// batch_size * world_size examples, of which each rank takes its part; every rank has the same number of micro-batches,
// the last ones possibly short or empty. The last step may have fewer micro-batches (steps = ceil(micro-batches /
// accumulation), as Hugging Face's Trainer). No example is dropped or repeated.
class BatchPlan {
 public:
  // Throws std::invalid_argument for sizes below 1 or a rank outside the world.
  BatchPlan(std::vector<std::int64_t> order, const BatchPlanOptions& options);

  std::int64_t num_micro_batches() const;
  std::int64_t num_steps() const;
  // This rank's examples; lives as long as the plan.
  std::span<const std::int64_t> micro_batch(std::int64_t index) const;
  // Micro-batches [first, last) of a step.
  std::int64_t first_micro_batch(std::int64_t step) const { return step * options_.accumulation; }
  std::int64_t last_micro_batch(std::int64_t step) const;

 private:
  std::vector<std::int64_t> order_;
  BatchPlanOptions options_;
};

// Batches for scoring, sorted by length so that little is computed in vain; longest first, so that memory runs out at
// once or never.
class ScoringPlan {
 public:
  // At most `batch_size` examples a batch and, with `max_tokens` > 0, at most so many tokens (an example longer than
  // that is a batch of its own). Throws std::invalid_argument for a batch size below 1.
  ScoringPlan(std::span<const std::int64_t> lengths, std::int64_t batch_size, std::int64_t max_tokens = 0);

  std::int64_t num_batches() const { return static_cast<std::int64_t>(ends_.size()); }
  // Examples of a batch, by their original index: results are put back by writing them there.
  std::span<const std::int64_t> batch(std::int64_t index) const;
  // Original indices in the order of all batches.
  std::span<const std::int64_t> order() const { return order_; }
  // Position in order() of each original index.
  std::vector<std::int64_t> restoring_index() const;

 private:
  std::vector<std::int64_t> order_;
  std::vector<std::int64_t> ends_;  // [batches], positions in order_
};

}  // namespace llmtool
