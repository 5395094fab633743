#pragma once

#include <filesystem>
#include <optional>

#include "llmtool/commands/model_card.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/report.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/training/trainer.h"

namespace llmtool {

// What a run ended with.
struct FinishedRun {
  const RunRecord& record;
  const TrainingResult& training;
  const std::optional<MetricReport>& validation;
  const std::optional<MetricReport>& test;
  Json counts;  // of the data, for all_results.json
  TaskCard card;
  std::vector<CardSplit> data;
};

// Turns the run directory into a model directory: the best checkpoint's model files, model card, all_results.json and
// eval_results.json; size and SHA-256 of all of them in llmtool.lock.json; and config.json last, which marks the run as
// finished. Returns the content of all_results.json.
// Throws ResourceError; until config.json stands, the same command finishes the work.
Json write_finished_run(const std::filesystem::path& run_directory, const FinishedRun& run);

// all_results.json of a finished run. Throws ModelError when it, or what else the run consists of, is damaged.
Json read_finished_run(const std::filesystem::path& run_directory);

}  // namespace llmtool
