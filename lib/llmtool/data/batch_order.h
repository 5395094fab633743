#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace llmtool {

enum class SampleOrder { kSequential, kShuffled, kGroupedByLength };

// In which order an epoch visits the training examples: a pure function of (seed, epoch), so that a run resumes by
// recomputing the order and skipping what was done.
class Sampler {
 public:
  // `lengths` [examples] in tokens. `batch_size`: examples of an optimizer step, for grouping by length.
  Sampler(SampleOrder order, std::vector<std::int64_t> lengths, std::int64_t batch_size, std::uint64_t seed);

  std::int64_t num_examples() const { return static_cast<std::int64_t>(lengths_.size()); }
  // Every example once. epoch counts from 0.
  std::vector<std::int64_t> epoch_order(std::int64_t epoch) const;

 private:
  SampleOrder order_;
  std::vector<std::int64_t> lengths_;
  std::int64_t batch_size_;
  std::uint64_t seed_;
};

// Groups a shuffled order by length as transformers' get_length_grouped_indices (trainer_pt_utils.py): blocks of up to
// 50 batches are each sorted from long to short, and the longest example of all comes first.
std::vector<std::int64_t> group_by_length(std::vector<std::int64_t> shuffled, std::span<const std::int64_t> lengths,
                                          std::int64_t batch_size);

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
