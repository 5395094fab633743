#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/commands/answered_rows_options.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/formats/byte_stream.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/inference/text_predictor.h"

namespace llmtool {

// A row waiting to be answered.
struct PendingRow {
  std::int64_t line = 0;
  std::string text;
  std::optional<std::string> pair;
  RowValues values;
  std::optional<std::vector<std::string>> words = {};  // in place of the text

  TextInput input() const;
};

// Which columns of the input are texts, and which are added to the output.
class AnswerColumns {
 public:
  // Throws UsageError when the input has a column of an added name.
  AnswerColumns(const RowReader& reader, std::vector<std::string> text_columns, const TextPredictor& predictor,
                const std::string& prefix);

  // Throws DataError when the input lacks a text column (lists those present). In JSONL only the first object is looked
  // at; without this, each row answers for itself.
  void require_text_columns(const RowReader& reader) const;

  // Throws DataError with file and line: a text is missing or no string (nor, where the predictor reads words, a list
  // of them), a key has an added name (JSONL).
  PendingRow take(const Row& row) const;
  // The row's own values, then the added ones.
  RowValues output_row(PendingRow row, TextPrediction answer) const;
  // How many of its values are the row's own.
  std::size_t num_own_values(const RowValues& output_row) const { return output_row.size() - added_columns_.size(); }
  ColumnNames output_columns() const;
  // Name of the first added value.
  const std::string& first_added() const { return added_columns_.front(); }

 private:
  std::string text_of(const Row& row, const std::string& column) const;
  std::vector<std::string> words_of(const Row& row, std::size_t index) const;
  void refuse_taken_names(const ColumnNames& names) const;

  std::string file_;
  ColumnNames input_columns_;
  std::vector<std::string> text_columns_;
  bool reads_words_;
  ColumnNames added_columns_;  // the values, num_tokens, truncated, with the prefix
};

// Opens a file, or standard input for "-". Before a read from standard input would wait for longer than a moment,
// `before_waiting` is called, so that what was read before can be answered.
std::unique_ptr<ByteSource> open_prompt_bytes(const std::string& path, std::function<void()> before_waiting);

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
