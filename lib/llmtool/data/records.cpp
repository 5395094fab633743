#include "llmtool/data/records.h"

#include <algorithm>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/listed.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

// Of a header with thousands of columns.
constexpr std::size_t kMostListed = 20;

std::string what_is_there(const RowReader& reader, const std::string& column) {
  const ColumnNames& present = reader.columns();
  std::string text = "the columns are " + listed(present, quote, kMostListed);
  const std::string nearest = nearest_name(column, present);
  if (!nearest.empty()) text += " (did you mean " + quote(nearest) + "?)";
  if (const auto delimiter = reader.delimiter())
    text += ", with " + describe_delimiter(*delimiter) + " between them (data.delimiter, --delimiter)";
  return text;
}

}  // namespace

std::size_t column_index(const RowReader& reader, const std::string& column, const std::string& role,
                         const std::string& advice) {
  if (reader.is_repeated(column))
    throw DataError(reader.name() + ": the header names the column " + quote(column) +
                    " more than once; give the one meant for the " + role + " a name of its own");
  const ColumnNames& present = reader.columns();
  const auto found = std::find(present.begin(), present.end(), column);
  if (found != present.end()) return static_cast<std::size_t>(found - present.begin());
  throw DataError(
      reader.name() + ": there is no column " + quote(column) + " for the " + role + "; " +
      what_is_there(reader, column) + "; " +
      (advice.empty() ? "name the right one under data." + role + " or with --" + role + "-column" : advice));
}

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
  [[noreturn]] void fail(const Row& row, const std::string& message) const {
    throw DataError(SourcePosition{name_, row.line(), 0}, message);
  }

  std::string text_of(const Row& row, std::size_t which) const {
    const std::size_t index = text_indices_[which];
    const std::string& column = columns_.text[which];
    if (!row.has(index)) fail(row, "the text " + quote(column) + " is missing or null");
    if (row.kind(index) != JsonKind::kString)
      fail(row, "the text " + quote(column) + " is " + describe(row.kind(index)) + ", not a string");
    return std::string(row.cell(index));
  }

  std::string label_of(const Row& row) const {
    const JsonKind kind = row.kind(*label_index_);
    const std::string_view label = row.cell(*label_index_);
    if (kind == JsonKind::kArray || kind == JsonKind::kObject || (kind == JsonKind::kNotFinite && label != "NaN"))
      fail(row, "the label " + quote(*columns_.label) + " is " + describe(kind) +
                    "; a label is a string, a number or a boolean");
    // Python writes what is missing in a column of numbers as NaN.
    if (kind != JsonKind::kNotFinite && !is_blank(label)) return std::string(label);
    if (!columns_.keeps_unlabelled)
      fail(row, "the label (column " + quote(*columns_.label) +
                    ") is empty; leave such rows out with data.unknown_label: skip (--unknown-label skip)");
    return "";
  }

  std::string name_;
  const RecordColumns& columns_;
  std::vector<std::size_t> text_indices_;
  std::optional<std::size_t> label_index_;
};

}  // namespace

RecordColumns RecordColumns::from(const DataOptions& options) {
  return {options.format,
          options.header,
          options.text,
          options.label,
          options.max_rows,
          options.layout,
          options.unknown_label == UnknownLabel::kSkip};
}

RecordFile read_records(const std::string& path, const RecordColumns& columns) {
  const auto reader =
      open_rows(path, {.format = columns.format, .header = columns.header, .on_bad_row = {}, .layout = columns.layout});
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

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos; }

bool has_blank_text(const Record& record) {
  return is_blank(record.text) || (record.has_pair && is_blank(record.text_pair));
}

}  // namespace llmtool
