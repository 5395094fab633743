#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/data/encode_records.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/inference/example_name.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/text_scorer.h"

namespace llmtool {

// What the evaluations of models that score texts have in common: the file, the counts, and what makes them doubtful.
struct EvaluatedTexts {
  std::vector<Record> rows;
  EncodedRecords encoded;
  std::int64_t num_empty_texts = 0;
  std::int64_t num_skipped = 0;
  double seconds = 0.0;  // of computing, without loading
};

// Tells what was found out when the model was loaded.
void log_scorer(const TextScorer& scorer, EventSink& events);

// The columns of the request, as the model was trained where it leaves them open.
RecordColumns eval_columns(const EvalRequest& request);

// For one row per example; null where no file is asked for. Opened before the long work, so that a folder that cannot
// be written is known at once. Throws DataError for a format without columns, ResourceError.
std::unique_ptr<RowWriter> create_eval_predictions(const std::string& path, ColumnNames columns);

EncodedRecords encode_evaluated(const std::vector<Record>& rows, const std::vector<std::int64_t>& label_ids,
                                const EvalRequest& request, const TextScorer& scorer, EventSink& events);

// Where a row stands, for messages. `rows` must outlive the result.
ExampleName row_name(const EvalRequest& request, const std::vector<Record>& rows);

// Beside the figures: num_examples, num_truncated, …, seconds.
Json counts_of(const EvaluatedTexts& texts, const TextScorer& scorer, const EvalRequest& request);
// Many texts that were cut, rows that were left out.
std::vector<std::string> doubts_of(const EvaluatedTexts& texts, const TextScorer& scorer);
// "test.csv: 500 examples, 3 cut to 128 tokens, computed in fp32"
std::string summary_of(const EvaluatedTexts& texts, const TextScorer& scorer, const EvalRequest& request);

}  // namespace llmtool
