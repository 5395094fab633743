#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/data/options.h"
#include "llmtool/formats/table_layout.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/metrics/report.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {

// One `llmtool eval`, everything of the command line and the machine resolved. What is unset is as the model was
// trained (llmtool.lock.json), else the default of a run config; a task uses what its row lists.
struct EvalRequest {
  std::filesystem::path model;
  std::string data;  // a file; of running text also a pattern
  FileFormat format = FileFormat::kAuto;
  TableLayout layout = {};
  ColumnChoice columns;
  std::optional<std::int64_t> max_rows;
  UnknownLabel unknown_label = UnknownLabel::kError;
  // CSV, TSV or JSONL file for one row per example; "": none.
  std::string predictions;
  // By name. What a task finds only where an option asks for it is refused here without that option, before the work.
  std::vector<std::string> required_metrics = {};
  TaskEvalOptions task;
  SessionOptions session;
  std::int64_t num_threads = 1;
};

// "computed in fp32", for the summary of a result.
std::string computed_in(Precision precision);

struct EvalResult {
  MetricReport report;
  Json counts = Json::object();       // of the data and the computation, under their names
  std::string summary;                // a line about the data, for people
  std::string findings;               // below the table of the figures, for people; "" for none
  std::vector<std::string> warnings;  // what makes the figures doubtful

  // One object: the figures of the report, then the counts.
  Json to_json() const;
};

// What `llmtool predict` asks of a model.
struct PredictorOptions {
  std::filesystem::path model;
  SessionOptions session;
  // Fill in the mask tokens of each text with so many tokens each, instead of what the task says about it.
  std::optional<std::int64_t> fill_mask;
  TaskPredictOptions task = {};
};

}  // namespace llmtool
