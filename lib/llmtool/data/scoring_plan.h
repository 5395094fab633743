#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace llmtool {

// Batches for scoring, sorted by length so that little is computed in vain; longest first, so that memory runs out at
// once or never.
class ScoringPlan {
 public:
  // Of `examples`, indices into `lengths`. At most `batch_size` examples a batch and, with `max_tokens` > 0, at most so
  // many tokens (an example longer than that is a batch of its own). Throws std::invalid_argument for a batch size
  // below 1.
  ScoringPlan(std::vector<std::int64_t> examples, std::span<const std::int64_t> lengths, std::int64_t batch_size,
              std::int64_t max_tokens = 0);

  std::int64_t num_examples() const { return static_cast<std::int64_t>(order_.size()); }
  std::int64_t num_batches() const { return static_cast<std::int64_t>(ends_.size()); }
  // Examples of a batch: results are put in place by writing them there.
  std::span<const std::int64_t> batch(std::int64_t index) const;

 private:
  std::vector<std::int64_t> order_;
  std::vector<std::int64_t> ends_;  // [batches], positions in order_
};

}  // namespace llmtool
