#include "llmtool/commands/answer_columns.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/data/records.h"

namespace llmtool {
namespace {

bool contains(const ColumnNames& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TextInput PendingRow::input() const {
  TextInput input{text, pair ? std::optional<std::string_view>(*pair) : std::nullopt};
  if (words) input.words = *words;
  return input;
}

AnswerColumns::AnswerColumns(const RowReader& reader, std::vector<std::string> text_columns,
                             const TextPredictor& predictor, const std::string& prefix)
    : file_(reader.name()),
      input_columns_(reader.columns()),
      text_columns_(std::move(text_columns)),
      reads_words_(predictor.reads_words()) {
  for (const std::string& name : predictor.value_names()) added_columns_.push_back(prefix + name);
  for (const char* name : {"num_tokens", "truncated"}) added_columns_.push_back(prefix + name);
  refuse_taken_names(input_columns_);
}

void AnswerColumns::require_text_columns(const RowReader& reader) const {
  for (const std::string& column : text_columns_) column_index(reader, column, "text", "--text-column names another");
}

void AnswerColumns::refuse_taken_names(const ColumnNames& names) const {
  for (const std::string& added : added_columns_)
    if (contains(names, added))
      throw UsageError(file_ + ": the input already has a column " + quote(added) +
                       ", which the answers would replace; --prefix puts something before the names that are "
                       "added");
}

std::string AnswerColumns::text_of(const Row& row, const std::string& column) const {
  const SourcePosition position{file_, row.line(), 0};
  const auto index = row.index(column);
  if (!index || !row.has(*index))
    throw DataError(position, "the text " + quote(column) + " is missing or null; --text-column names another");
  if (row.kind(*index) != JsonKind::kString)
    throw DataError(position, "the text " + quote(column) + " is " + describe(row.kind(*index)) + ", not a string");
  return std::string(row.cell(*index));
}

std::vector<std::string> AnswerColumns::words_of(const Row& row, std::size_t index) const {
  std::vector<std::string> words;
  for (const Json& word : parse_json(row.cell(index), file_, ExitCode::kData, row.line())) {
    if (!word.is_string())
      throw DataError(SourcePosition{file_, row.line(), 0}, "the list " + quote(text_columns_.front()) +
                                                                " has something that is no word, that is, no string");
    words.push_back(word.get<std::string>());
  }
  return words;
}

PendingRow AnswerColumns::take(const Row& row) const {
  const auto index = row.index(text_columns_.front());
  const bool has_words = reads_words_ && index && row.kind(*index) == JsonKind::kArray;
  PendingRow pending{row.line(), has_words ? "" : text_of(row, text_columns_.front()), std::nullopt, row.values()};
  if (has_words) pending.words = words_of(row, *index);
  if (text_columns_.size() > 1) pending.pair = text_of(row, text_columns_[1]);
  for (const auto& [name, value] : pending.values)
    if (contains(added_columns_, name))
      throw DataError(SourcePosition{file_, row.line(), 0}, "the row has a key " + quote(name) +
                                                                ", which the answers would replace; --prefix puts "
                                                                "something before the names that are added");
  return pending;
}

RowValues AnswerColumns::output_row(PendingRow row, TextPrediction answer) const {
  RowValues values = std::move(row.values);
  auto add = [&, next = added_columns_.begin()](RowValue value) mutable {
    values.emplace_back(*next++, std::move(value));
  };
  for (Json& value : answer.values) add(std::move(value));
  add(answer.num_tokens);
  add(answer.truncated);
  return values;
}

ColumnNames AnswerColumns::output_columns() const {
  ColumnNames columns = input_columns_;
  columns.insert(columns.end(), added_columns_.begin(), added_columns_.end());
  return columns;
}

}  // namespace llmtool
