#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/metrics/report.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/task.h"

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

}  // namespace llmtool
