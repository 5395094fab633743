#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/metrics/report.h"
#include "llmtool/training/optimization_step.h"
#include "llmtool/training/trainer_state.h"

namespace llmtool {

// Figures of one moment of a run, in the order they are shown: transformers' names (loss, learning_rate, grad_norm,
// eval_accuracy).
using Scalars = std::vector<std::pair<std::string, double>>;

// Where a run's figures over time go.
class TrainingLog {
 public:
  virtual ~TrainingLog() = default;
  // Called once, before anything else: figures of steps after `step` (0: all) belong to a part that is done again.
  virtual void start_after(std::int64_t step) = 0;
  virtual void add(std::int64_t step, double epoch, const Scalars& scalars) = 0;
};

// One JSON object a line: {"step": 10, "epoch": 0.5, "loss": 0.41, …}. Throws ResourceError.
std::unique_ptr<TrainingLog> make_metrics_file_log(const std::filesystem::path& path);

// A TensorBoard event file in `directory`, with the tags transformers uses: train/loss, eval/accuracy.
// Throws ResourceError.
std::unique_ptr<TrainingLog> make_tensorboard_log(const std::filesystem::path& directory);

// Hands everything to each of several logs.
std::unique_ptr<TrainingLog> join_logs(std::vector<std::unique_ptr<TrainingLog>> logs);

// Tells what a run does: progress and messages to the event sink, figures to the log every few steps.
class RunReport {
 public:
  RunReport(TrainingLog& log, EventSink& events, std::int64_t log_every)
      : log_(log), events_(events), log_every_(log_every) {}

  void start_after(std::int64_t step) { log_.start_after(step); }
  // Adds a step to the totals in `state`, whose step is the one just done.
  void add_step(TrainerState& state, const StepOutcome& outcome, double learning_rate, double seconds);
  void add_evaluation(const TrainerState& state, const MetricReport& report, const std::string& goal);

 private:
  void write_line(TrainerState& state, const StepOutcome& outcome, double learning_rate);
  double tokens_per_second() const;
  double share_waiting() const;
  double share_padding() const;
  std::string pace_text(double loss) const;

  TrainingLog& log_;
  EventSink& events_;
  std::int64_t log_every_;
  // The steps since the last line; evaluation and saving are left out.
  struct Window {
    std::int64_t num_tokens = 0;
    std::int64_t num_rows = 0;
    double seconds = 0.0;
    double data_seconds = 0.0;
  };
  Window window_;
};

}  // namespace llmtool
