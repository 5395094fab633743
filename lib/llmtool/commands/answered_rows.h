#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "llmtool/commands/answered_rows_options.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/inference/text_predictor.h"

namespace llmtool {

// A file of texts to be answered row by row, everything of the command line resolved.
struct AnsweredRowsRequest : AnsweredRowsOptions {
  SessionOptions session;
  std::FILE* output_stream = nullptr;  // for the output "-"
  // Rows that are read, sorted by length and written together; the memory in use depends on it, the results do not.
  std::int64_t rows_per_chunk = 2048;
};

struct AnsweredRowsResult {
  std::int64_t num_rows = 0;  // answered
  std::int64_t num_rejected = 0;
  std::int64_t num_truncated = 0;
  std::int64_t num_empty_texts = 0;
  std::int64_t num_tokens = 0;
  std::int64_t max_length = 0;
  Precision precision = Precision::kFp32;
  double seconds = 0.0;  // without loading the model

  Json to_json() const;
};

// Loads the predictor with `load` once the request is known to make sense, then adds its values, num_tokens and
// truncated to every row, in constant memory and in the order of the rows; into a file named .npy only the first value,
// as a row of numbers. What has been read is answered and flushed before waiting for a slow input. `what` names the
// progress ("predicting"). Throws UsageError when the input has a column of an added name, DataError for a missing
// column or (without `rejects`) a bad row, ModelError, ResourceError, NonFiniteError.
AnsweredRowsResult answer_rows(const AnsweredRowsRequest& request, const std::string& what,
                               const std::function<std::unique_ptr<TextPredictor>()>& load, EventSink& events);

}  // namespace llmtool
