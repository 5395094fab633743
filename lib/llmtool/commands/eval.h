#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/commands/trained_columns.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/data/options.h"
#include "llmtool/formats/file_format.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

// One `llmtool eval`, everything of the command line and the machine resolved.
struct EvalRequest {
  std::filesystem::path model;
  std::string data;
  FileFormat format = FileFormat::kAuto;
  TableLayout layout = {};
  ColumnChoice columns;
  std::optional<std::int64_t> max_rows;
  UnknownLabel unknown_label = UnknownLabel::kError;
  // Of two labels; unset: the one with id 1.
  std::optional<std::string> positive_label;
  // CSV, TSV or JSONL file for one row per example; "": none.
  std::string predictions;
  SessionOptions session;
  std::int64_t num_threads = 1;
};

// Examples of one label that were given another.
struct NamedConfusion {
  std::string gold;
  std::string predicted;
  std::int64_t count = 0;
  double share_of_gold = 0.0;
};

struct EvalResult {
  MetricReport report;
  std::vector<std::string> labels;
  std::int64_t num_examples = 0;
  std::int64_t num_truncated = 0;
  std::int64_t num_empty_texts = 0;
  std::int64_t num_skipped = 0;  // rows with unknown labels or none
  bool labels_are_ids = false;   // of the file, see assign_labels
  std::int64_t num_tokens = 0;
  std::int64_t max_length = 0;
  Precision precision = Precision::kFp32;
  double seconds = 0.0;                          // of computing, without loading
  std::vector<NamedConfusion> worst_confusions;  // at most 20, most frequent first
  std::vector<std::string> warnings;             // what makes the figures doubtful

  // One object: the figures of the report, then the counts above under their names, precision and data.
  Json to_json() const;
};

// Scores a labelled file with a model folder. Throws ModelError, DataError
// (all unknown labels at once), ResourceError, NonFiniteError; nothing of the predictions file is left behind then.
EvalResult evaluate_model(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
