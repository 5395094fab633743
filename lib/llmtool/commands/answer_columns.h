#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/row_writer.h"
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

}  // namespace llmtool
