#include "llmtool/data/records.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

// More columns than this are not listed: a header may have thousands.
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

constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) + 1 - first);
}

// Reads the cells of one file's rows.
class RecordReader {
 public:
  RecordReader(const RowReader& reader, const RecordColumns& columns) : name_(reader.name()), columns_(columns) {
    for (const std::string& column : columns.text) text_indices_.push_back(column_index(reader, column, "text"));
    for (const std::string& column : columns.labels) label_indices_.push_back(column_index(reader, column, "label"));
  }

  Record read(const Row& row, std::int64_t number) const {
    Record record{.row = number, .line = row.line(), .text = text_of(row, 0), .has_pair = text_indices_.size() == 2};
    if (record.has_pair) record.text_pair = text_of(row, 1);
    if (!label_indices_.empty()) read_labels(row, record);
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

  void read_labels(const Row& row, Record& record) const {
    switch (columns_.label_form) {
      case LabelForm::kName:
        if (std::string name = name_of(row); !name.empty()) record.labels = {std::move(name)};
        return;
      case LabelForm::kNames:
        record.labels = label_indices_.size() == 1 ? listed_names(row) : names_of_ones(row);
        return;
      case LabelForm::kNumbers:
        return read_numbers(row, record);
    }
  }

  std::string name_of(const Row& row) const {
    const std::size_t index = label_indices_.front();
    const JsonKind kind = row.kind(index);
    const std::string_view label = row.cell(index);
    if (kind == JsonKind::kArray || kind == JsonKind::kObject || (kind == JsonKind::kNotFinite && label != "NaN"))
      fail(row, "the label " + quote(columns_.labels.front()) + " is " + describe(kind) +
                    "; a label is a string, a number or a boolean");
    // Python writes what is missing in a column of numbers as NaN.
    if (kind != JsonKind::kNotFinite && !is_blank(label)) return std::string(label);
    refuse_unlabelled(row, 0);
    return "";
  }

  void refuse_unlabelled(const Row& row, std::size_t which) const {
    if (!columns_.keeps_unlabelled)
      fail(row, "the label (column " + quote(columns_.labels[which]) +
                    ") is empty; leave such rows out with data.unknown_label: skip (--unknown-label skip)");
  }

  std::vector<std::string> listed_names(const Row& row) const {
    const std::size_t index = label_indices_.front();
    const JsonKind kind = row.kind(index);
    if (!row.has(index))
      fail(row, "the labels " + quote(columns_.labels.front()) +
                    " are missing or null; an empty list says that a text has none of them");
    if (kind == JsonKind::kArray) return names_of_list(row);
    if (kind == JsonKind::kObject || kind == JsonKind::kNotFinite)
      fail(row, "the labels " + quote(columns_.labels.front()) + " are " + describe(kind) +
                    "; they are a list of names, or a text with a separator between them");
    return separated_names(row);
  }

  std::vector<std::string> names_of_list(const Row& row) const {
    std::vector<std::string> names;
    for (const Json& item : Json::parse(row.cell(label_indices_.front()))) {
      if (item.is_string()) {
        names.push_back(item.get<std::string>());
      } else if (item.is_number() || item.is_boolean()) {
        names.push_back(item.dump());
      } else {
        fail(row, "the list of labels " + quote(columns_.labels.front()) +
                      " holds something that is no label; a label is a string, a number or a boolean");
      }
      require_name(row, names.back());
    }
    return names;
  }

  std::vector<std::string> separated_names(const Row& row) const {
    const std::string_view cell = row.cell(label_indices_.front());
    std::vector<std::string> names;
    if (is_blank(cell)) return names;
    for (std::size_t begin = 0; begin <= cell.size();) {
      const std::size_t end = std::min(cell.find(columns_.label_separator, begin), cell.size());
      names.emplace_back(trimmed(cell.substr(begin, end - begin)));
      require_name(row, names.back());
      begin = end + columns_.label_separator.size();
    }
    return names;
  }

  void require_name(const Row& row, const std::string& name) const {
    if (is_blank(name))
      fail(row, "one of the labels (column " + quote(columns_.labels.front()) + ") is empty; take it out of the list");
  }

  std::vector<std::string> names_of_ones(const Row& row) const {
    std::vector<std::string> names;
    for (std::size_t which = 0; which < label_indices_.size(); ++which)
      if (is_one(row, which)) names.push_back(columns_.labels[which]);
    return names;
  }

  bool is_one(const Row& row, std::size_t which) const {
    const std::string_view cell = row.cell(label_indices_[which]);
    for (const std::string_view one : {"1", "true", "True", "1.0"})
      if (cell == one) return true;
    for (const std::string_view zero : {"0", "false", "False", "0.0"})
      if (cell == zero) return false;
    fail(row, "the label column " + quote(columns_.labels[which]) +
                  " holds neither 0 nor 1; where data.label names several columns, each says whether the row has it");
  }

  void read_numbers(const Row& row, Record& record) const {
    for (std::size_t which = 0; which < label_indices_.size(); ++which) {
      const std::size_t index = label_indices_[which];
      if (!row.has(index) || is_blank(row.cell(index)) || row.cell(index) == "NaN") {
        refuse_unlabelled(row, which);
        record.numbers.clear();
        return;
      }
      record.numbers.push_back(number_of(row, which));
    }
  }

  double number_of(const Row& row, std::size_t which) const {
    const std::string_view text = trimmed(row.cell(label_indices_[which]));
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
      fail(row, "the value of column " + quote(columns_.labels[which]) + " is no number");
    return number;
  }

  std::string name_;
  const RecordColumns& columns_;
  std::vector<std::size_t> text_indices_;
  std::vector<std::size_t> label_indices_;
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

bool is_blank(std::string_view text) { return text.find_first_not_of(kWhiteSpace) == std::string_view::npos; }

bool has_blank_text(const Record& record) {
  return is_blank(record.text) || (record.has_pair && is_blank(record.text_pair));
}

}  // namespace llmtool
