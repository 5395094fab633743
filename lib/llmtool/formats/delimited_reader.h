#pragma once

#include <string_view>

#include "llmtool/formats/line_row_reader.h"
#include "llmtool/formats/row.h"

namespace llmtool {

// What CSV and TSV have in common: the header, the number of fields, empty lines (skipped in tables of several
// columns; in a table of one column they are an empty text).
class DelimitedReader : public LineRowReader {
 public:
  bool is_repeated(std::string_view column) const override;

 protected:
  using LineRowReader::LineRowReader;

  // To be called by the constructor of the reader: names the columns.
  void read_columns(bool header);
  bool read(Row& row) override;
  // Adds the fields of the current text to the row. May extend the text by further lines. Throws BadRow.
  virtual void split(Row& row) = 0;
  // How a field that contains the separator is written, for the message about ragged rows.
  virtual std::string advice() const = 0;

 private:
  void read_header();
  void require_same_size(const Row& row) const;

  bool has_header_ = false;
  ColumnNames header_;  // as it stands
};

// CSV after RFC 4180, also with another delimiter than the comma (TableLayout); a field that starts with a quote ends
// with one, may contain delimiters and line breaks, and contains a quote as two. Spaces belong to fields. A quote
// inside a field that does not start with one stands for itself, as in other readers. After a row with broken quotes,
// reading goes on with the line after the one where the row starts.
class CsvReader : public DelimitedReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);
  std::optional<char> delimiter() const override { return delimiter_; }

 protected:
  void split(Row& row) override;
  std::string advice() const override;

 private:
  char find_delimiter(const ReadOptions& options);
  void split_quoted(Row& row);
  std::size_t add_quoted_field(Row& row, std::size_t begin);
  std::size_t find_quote(std::size_t begin, std::size_t opening_quote);

  char delimiter_;
  std::string field_;
};

// Fields separated by tabs, without any quoting: a quote stands for itself, a field cannot contain tabs or line ends.
class TsvReader : public DelimitedReader {
 public:
  // Throws DataError when the options name another delimiter.
  TsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);
  std::optional<char> delimiter() const override { return '\t'; }

 protected:
  void split(Row& row) override;
  std::string advice() const override;
};

}  // namespace llmtool
