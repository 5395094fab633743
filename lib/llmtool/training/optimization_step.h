#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/distributed/process_group.h"
#include "llmtool/optim/optimizer.h"
#include "llmtool/training/options.h"
#include "llmtool/training/step_profile.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// Cuts the examples of an epoch into micro-batches: of training.batch_size examples each or, with
// training.tokens_per_batch, of about equally many tokens. Every epoch has equally many micro-batches, so that the
// number of steps is known beforehand.
class BatchCuts {
 public:
  // `lengths`: tokens of each example in the order of the first epoch; not looked at without tokens_per_batch. Throws
  // DataError when there are no examples.
  BatchCuts(std::int64_t num_examples, std::span<const std::int64_t> lengths, const TrainingOptions& options);

  std::int64_t num_examples() const { return num_examples_; }
  std::int64_t num_micro_batches() const { return num_micro_batches_; }

  // Where the micro-batches of an epoch begin in its order and, last, where they end: num_micro_batches() + 1 places.
  // None is empty; with tokens_per_batch none has more than an equal share of the tokens and the longest example.
  std::vector<std::int64_t> places(std::span<const std::int64_t> lengths) const;

 private:
  std::vector<std::int64_t> places_by_tokens(std::span<const std::int64_t> lengths) const;

  std::int64_t num_examples_;
  std::int64_t batch_size_;
  bool by_tokens_;
  std::int64_t num_micro_batches_;
};

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

// What one optimizer step found, over all micro-batches and ranks.
struct StepOutcome {
  double loss = 0.0;
  std::vector<std::pair<std::string, double>> terms;  // each term's share of the loss
  double gradient_norm = 0.0;                         // before clipping
  std::int64_t num_examples = 0;
  std::int64_t num_tokens = 0;
  // Of this rank: what its batches took before computing began, and the rows they gave the model.
  double data_seconds = 0.0;
  std::int64_t num_rows = 0;
};

// Runs optimizer steps: forward and backward over the micro-batches, clipping, update.
class OptimizationStep {
 public:
  // `profile` may be null.
  OptimizationStep(Trainable& trainable, Optimizer& optimizer, ProcessGroup& process_group, double max_gradient_norm,
                   StepProfile* profile = nullptr);

  // One step numbered `step` (from 1, for messages). Every loss term is divided by its denominator over the whole step.
  // `abandon` is asked between micro-batches; true: gradients are dropped, nothing has changed but torch's generators,
  // and nothing is returned. Throws NonFiniteError naming step, examples and parameters.
  std::optional<StepOutcome> run(const std::vector<MicroBatch>& micro_batches, double learning_rate, std::int64_t step,
                                 const std::function<bool()>& abandon);

 private:
  std::vector<std::unique_ptr<Batch>> make_batches(const std::vector<MicroBatch>& micro_batches);
  std::vector<double> step_denominators(const std::vector<std::unique_ptr<Batch>>& batches);
  std::vector<std::pair<std::string, double>> accumulate(const Batch& batch, const MicroBatch& micro_batch,
                                                         const std::vector<double>& denominators, std::int64_t step);
  void update(StepOutcome& outcome, const std::vector<MicroBatch>& micro_batches, double learning_rate,
              std::int64_t step);
  void sum_gradients();
  void count(const std::vector<MicroBatch>& micro_batches, StepOutcome& outcome);
  std::string describe(const MicroBatch& batch) const;
  void begin(StepStage stage) const;

  Trainable& trainable_;
  Optimizer& optimizer_;
  ProcessGroup& process_group_;
  double max_gradient_norm_;
  StepProfile* profile_;
};

}  // namespace llmtool
