#pragma once

#include <string>

#include "llmtool/commands/classification_data.h"
#include "llmtool/commands/run_record.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

// What the card of a trained classifier tells.
struct ModelCardFacts {
  const RunRecord& record;
  const ClassificationData& data;
  const MetricReport* validation = nullptr;
  const MetricReport* test = nullptr;
  const Json& training_results;  // as in all_results.json
  std::int64_t best_step = 0;
};

// README.md of a model directory: front matter as Hugging Face's hub reads it, data, results, settings, how to use it.
std::string write_model_card(const ModelCardFacts& facts);

}  // namespace llmtool
