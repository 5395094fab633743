#pragma once

#include <cstdint>
#include <string>

#include "llmtool/core/events.h"
#include "llmtool/metrics/report.h"
#include "llmtool/training/optimization_step.h"
#include "llmtool/training/run_state.h"
#include "llmtool/training/training_log.h"

namespace llmtool {

// How long a step took.
struct StepTime {
  double seconds = 0.0;
  double seconds_waiting = 0.0;  // of these, for its input
};

// Tells what a run does: progress and messages to the event sink, figures to the log every few steps.
class RunReport {
 public:
  RunReport(TrainingLog& log, EventSink& events, std::int64_t log_every)
      : log_(log), events_(events), log_every_(log_every) {}

  void start_after(std::int64_t step) { log_.start_after(step); }
  // Adds a step to the totals in `state`, whose step is the one just done.
  void add_step(RunState& state, const StepOutcome& outcome, double learning_rate, const StepTime& time);
  void add_evaluation(const RunState& state, const MetricReport& report, const std::string& goal);

 private:
  void write_line(RunState& state, const StepOutcome& outcome, double learning_rate);
  double tokens_per_second() const;

  TrainingLog& log_;
  EventSink& events_;
  std::int64_t log_every_;
  // Since the last line; evaluation and saving are left out.
  std::int64_t window_tokens_ = 0;
  StepTime window_time_;
};

}  // namespace llmtool
