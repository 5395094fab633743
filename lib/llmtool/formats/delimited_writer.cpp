#include "llmtool/formats/delimited_writer.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

void append_quoted(const std::string& cell, std::string& text) {
  text += '"';
  for (const char letter : cell) {
    if (letter == '"') text += '"';
    text += letter;
  }
  text += '"';
}

const RowValue* find_value(const RowValues& row, const std::string& column) {
  for (const auto& [name, value] : row)
    if (name == column) return &value;
  return nullptr;
}

}  // namespace

DelimitedWriter::DelimitedWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options,
                                 char separator)
    : BufferedRowWriter(std::move(sink), name), header_(options.header), separator_(separator) {}

void DelimitedWriter::set_columns(const ColumnNames& columns) {
  columns_ = columns;
  if (!header_ || columns_.empty()) return;
  std::string line;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (column > 0) line += separator_;
    append_name(columns_[column], line);
  }
  add_header(line + '\n');
}

void DelimitedWriter::format(const RowValues& row, std::string& text) {
  if (columns_.empty()) {
    ColumnNames columns;
    for (const auto& entry : row) columns.push_back(entry.first);
    set_columns(columns);
  }
  require_known_columns(row);
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (column > 0) text += separator_;
    const bool in_place = column < row.size() && row[column].first == columns_[column];
    const RowValue* value = in_place ? &row[column].second : find_value(row, columns_[column]);
    append_cell(value == nullptr ? "" : value->cell(), columns_[column], text);
  }
  text += '\n';
}

void DelimitedWriter::require_known_columns(const RowValues& row) const {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string& name = row[i].first;
    if (i < columns_.size() && columns_[i] == name) continue;
    if (std::find(columns_.begin(), columns_.end(), name) == columns_.end())
      throw DataError(place() + "it has the column " + quote(name) +
                      ", which is not among the columns of the table; write JSONL for rows of different columns");
  }
}

CsvWriter::CsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options)
    : DelimitedWriter(std::move(sink), name, options, ',') {
  set_columns(options.columns);
}

void CsvWriter::append_cell(const std::string& cell, const std::string& /*column*/, std::string& text) const {
  // An empty line would be skipped by many readers, a byte order mark at the start of the file by all.
  const bool is_empty_line = cell.empty() && num_columns() == 1;
  if (!is_empty_line && cell.find_first_of("\",\r\n") == std::string::npos && !cell.starts_with(kByteOrderMark)) {
    text += cell;
  } else {
    append_quoted(cell, text);
  }
}

void CsvWriter::append_name(const std::string& name, std::string& text) const {
  if (name.find_first_of(";\t|") == std::string::npos) return append_cell(name, name, text);
  append_quoted(name, text);
}

TsvWriter::TsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options)
    : DelimitedWriter(std::move(sink), name, options, '\t') {
  set_columns(options.columns);
}

void TsvWriter::append_cell(const std::string& cell, const std::string& column, std::string& text) const {
  if (cell.find_first_of("\t\r\n") != std::string::npos)
    throw DataError(place() + "the value of the column " + quote(column) +
                    " contains a tab or line break, which TSV cannot hold; write csv or jsonl");
  text += cell;
}

}  // namespace llmtool
