#include "llmtool/data/records.h"

#include <algorithm>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/rereadable.h"
#include "llmtool/data/blank_text.h"
#include "llmtool/data/column_index.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

// Reads the cells of one file's rows.
class RecordReader {
 public:
  RecordReader(const RowReader& reader, const RecordColumns& columns) : name_(reader.name()), columns_(columns) {
    for (const std::string& column : columns.text) text_indices_.push_back(column_index(reader, column, "text"));
    if (columns.label) label_index_ = column_index(reader, *columns.label, "label");
  }

  Record read(const Row& row, std::int64_t number) const {
    Record record{.row = number, .line = row.line(), .text = text_of(row, 0), .has_pair = text_indices_.size() == 2};
    if (record.has_pair) record.text_pair = text_of(row, 1);
    if (label_index_) record.label = label_of(row);
    return record;
  }

 private:
  // nullptr unless the row is an object of a JSONL file.
  static const Json* json_value(const Row& row, const std::string& column) {
    return row.json().is_object() ? &row.json().at(column) : nullptr;
  }

  [[noreturn]] void fail(const Row& row, const std::string& message) const {
    throw DataError(SourcePosition{name_, row.line(), 0}, message);
  }

  std::string text_of(const Row& row, std::size_t which) const {
    const std::string& column = columns_.text[which];
    if (!row.has(text_indices_[which])) fail(row, "the text " + quote(column) + " is missing or null");
    const Json* json = json_value(row, column);
    if (json && !json->is_string())
      fail(row, "the text " + quote(column) + " is " + to_json_text(*json).substr(0, 40) + ", not a string");
    return std::string(row.cell(text_indices_[which]));
  }

  std::string label_of(const Row& row) const {
    const std::string& column = *columns_.label;
    const Json* json = row.has(*label_index_) ? json_value(row, column) : nullptr;
    if (json && !json->is_string() && !json->is_number_integer() && !json->is_boolean())
      fail(row, "the label " + quote(column) + " is " + to_json_text(*json).substr(0, 40) +
                    "; a label is a string, an integer or a boolean");
    const std::string_view label = row.cell(*label_index_);
    if (is_blank(label)) fail(row, "the label (column " + quote(column) + ") is empty");
    return std::string(label);
  }

  std::string name_;
  const RecordColumns& columns_;
  std::vector<std::size_t> text_indices_;
  std::optional<std::size_t> label_index_;
};

}  // namespace

RecordColumns RecordColumns::from(const DataOptions& options) {
  return {options.format, options.header, options.text, options.label, options.max_rows};
}

RecordFile read_records(const std::string& path, const RecordColumns& columns) {
  const auto reader = open_rows(path, {.format = columns.format, .header = columns.header, .on_bad_row = {}});
  const RecordReader record_reader(*reader, columns);
  RecordFile file;
  file.path = path;
  Row row;
  while ((!columns.max_rows || static_cast<std::int64_t>(file.records.size()) < *columns.max_rows) &&
         reader->next(row)) {
    file.records.push_back(record_reader.read(row, static_cast<std::int64_t>(file.records.size())));
    file.num_empty_texts += has_blank_text(file.records.back());
  }
  if (file.records.empty()) throw DataError(path + ": there are no data rows");
  if (can_be_read_again(path)) file.sha256 = sha256_of_file(path);
  return file;
}

}  // namespace llmtool
