#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/metrics/report.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/task.h"
#include "llmtool/training/trainer.h"

namespace llmtool {

// One part of the data, as the card lists it.
struct CardSplit {
  std::string name;
  std::string path;
  std::int64_t num_units = 0;  // of TaskCard::unit
  std::int64_t num_truncated = 0;
  std::string sha256;
};

// What the card of a trained model tells.
struct ModelCardFacts {
  const RunRecord& record;
  const TaskCard& task;
  const std::vector<CardSplit>& data;
  const MetricReport* validation = nullptr;
  const MetricReport* test = nullptr;
  const Json& training_results;  // as in all_results.json
  std::int64_t best_step = 0;
};

// README.md of a model directory: front matter as Hugging Face's hub reads it, data, results, settings, how to use it.
std::string write_model_card(const ModelCardFacts& facts);

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
