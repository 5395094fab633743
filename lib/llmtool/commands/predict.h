#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "llmtool/commands/trained_columns.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/file_format.h"

namespace llmtool {

// One `llmtool predict`, everything of the command line and the machine resolved.
struct PredictRequest {
  std::filesystem::path model;
  std::string input;         // "-": standard input, which needs `format`
  std::string output = "-";  // "-": `output_stream`; a file appears whole or not at all
  std::FILE* output_stream = nullptr;
  FileFormat format = FileFormat::kAuto;
  // kAuto: by the output's extension; for a stream as the input, JSONL where that is text.
  FileFormat output_format = FileFormat::kAuto;
  ColumnChoice columns;  // the label column is not used
  // CSV or JSONL file for rows that cannot be predicted; "": such a row is an error.
  std::string rejects;
  std::string prefix;  // put before the names of the added columns
  // Unset: as choose_truncation() finds it.
  std::optional<std::int64_t> max_length;
  std::int64_t batch_size = 64;
  // Rows that are read, sorted by length and written together; the memory in use depends on it, the results do not.
  std::int64_t rows_per_chunk = 2048;
  c10::Device device = c10::Device(c10::DeviceType::CPU);
};

struct PredictResult {
  std::int64_t num_rows = 0;  // predicted
  std::int64_t num_rejected = 0;
  std::int64_t num_truncated = 0;
  std::int64_t num_empty_texts = 0;
  std::int64_t num_tokens = 0;
  std::int64_t max_length = 0;
  double seconds = 0.0;  // without loading the model

  Json to_json() const;
};

// Adds predicted_label, predicted_score, scores (an object by label name; in CSV and TSV its JSON text), num_tokens and
// truncated to every row, in constant memory and in the order of the rows. What has been read is predicted and flushed
// before waiting for a slow input. Throws UsageError when the input has a column of an added name, DataError for a
// missing column or (without `rejects`) a bad row, ModelError, ResourceError, NonFiniteError.
PredictResult predict_file(const PredictRequest& request, EventSink& events);

}  // namespace llmtool
