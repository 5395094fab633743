#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/distributed/process_group.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/training/options.h"
#include "llmtool/training/run_report.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// Examples of this rank in the order they are trained on in an epoch (from 0): a pure function of the epoch, with the
// same number of examples in every epoch. The trainer cuts it into micro-batches.
using EpochOrder = std::function<std::vector<std::int64_t>(std::int64_t epoch)>;

// The figure of Trainable::evaluate() that decides which checkpoint is best.
struct MetricGoal {
  std::string name;
  Direction direction = Direction::kHigherIsBetter;
};

struct TrainerOptions {
  TrainingOptions training;
  EvaluationOptions evaluation;
  CheckpointOptions checkpoint;
  std::uint64_t seed = 42;
  // Measure where the time of a step goes.
  bool profile = false;
  // Run directory: checkpoints and trainer_state.json go there.
  std::filesystem::path output_dir;
  // Absent: there is no validation split; nothing is evaluated and the last checkpoint is the best.
  std::optional<MetricGoal> goal;
  // Called before the first step: until then nothing is lost when the process ends.
  std::function<void()> steps_begin = [] {};
  // Asked between micro-batches and during evaluation; true: train() saves a checkpoint and throws StoppedError.
  std::function<bool()> stop_requested = [] { return false; };
};

enum class StopReason { kCompleted, kEarlyStopping };

struct TrainingResult {
  StopReason stop_reason = StopReason::kCompleted;
  std::int64_t num_steps = 0;
  double epoch = 0.0;
  double train_loss = 0.0;     // mean over all steps
  double train_runtime = 0.0;  // seconds, evaluation and the earlier parts of a resumed run included
  double train_samples_per_second = 0.0;
  double train_steps_per_second = 0.0;
  double train_tokens_per_second = 0.0;  // real tokens
  std::int64_t peak_memory_bytes = 0;
  std::filesystem::path best_checkpoint;  // a model directory
  std::int64_t best_step = 0;
  std::optional<double> best_metric;
  Json profile;          // StepProfile::to_json() when it was asked for, otherwise null
  Json best_evaluation;  // MetricReport::to_json() of the best checkpoint, or null

  // The figures of all_results.json: transformers' names, and ours.
  Json to_json() const;
};

// Trains until the steps are done or early stopping ends it. Committed checkpoints in output_dir are continued, so a
// run that was stopped comes out bit-identical to one that was not; the caller clears output_dir to start anew.
// Throws NonFiniteError naming step and examples, StoppedError (after saving) on request or at the time limit,
// ResourceError when a checkpoint cannot be written (earlier ones stay intact), ModelError when there are checkpoints
// but all are damaged, ConfigError when they belong to a run of other length or batch size, DataError without examples.
TrainingResult train(Trainable& trainable, const EpochOrder& epoch_order, const TrainerOptions& options,
                     ProcessGroup& process_group, TrainingLog& log, EventSink& events);

}  // namespace llmtool
