#pragma once

#include <cstdint>
#include <string>

#include "llmtool/core/events.h"
#include "llmtool/metrics/report.h"
#include "llmtool/training/optimization_step.h"
#include "llmtool/training/trainer_state.h"
#include "llmtool/training/training_log.h"

namespace llmtool {

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
