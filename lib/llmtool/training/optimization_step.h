#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/distributed/process_group.h"
#include "llmtool/optim/optimizer.h"
#include "llmtool/training/step_profile.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

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
