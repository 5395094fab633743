#pragma once

#include <optional>

#include "llmtool/commands/training_request.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

struct TrainingRunResult {
  bool was_finished = false;  // the run had ended before: nothing was done
  Json all_results = Json::object();
  std::optional<MetricReport> validation;
  std::optional<MetricReport> test;
};

// What a stop is told as while a trained model is scored and its files are written.
inline constexpr const char* kStoppedWhileFinishing =
    "stopped after training, while the model was scored and written; checkpoints are saved: run the same command again "
    "to finish";

// Trains into config.output_dir, or continues there. Throws ConfigError when the folder holds a run of another config
// or data, StoppedError after saving on request, and what data, model and training throw.
TrainingRunResult run_training(const TrainingRequest& request, EventSink& events);

}  // namespace llmtool
