#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/commands/run_record.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

// One part of the data, as the card lists it.
struct CardSplit {
  std::string name;
  std::string path;
  std::int64_t num_examples = 0;
  std::int64_t num_truncated = 0;
  std::string sha256;
};

// What a task adds to the card.
struct TaskCard {
  std::string pipeline_tag;  // of Hugging Face's hub
  std::string kind;          // "A text classifier fine-tuned"
  std::string unit;          // "rows": what the data is counted in
  std::vector<CardSplit> splits;
  std::string data_notes;  // a sentence below the table; "" for none
  std::string shell_example;
  std::string python_example;
};

// What the card of a trained model tells.
struct ModelCardFacts {
  const RunRecord& record;
  const TaskCard& task;
  const MetricReport* validation = nullptr;
  const MetricReport* test = nullptr;
  const Json& training_results;  // as in all_results.json
  std::int64_t best_step = 0;
};

// README.md of a model directory: front matter as Hugging Face's hub reads it, data, results, settings, how to use it.
std::string write_model_card(const ModelCardFacts& facts);

}  // namespace llmtool
