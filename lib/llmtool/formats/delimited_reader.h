#pragma once

#include "llmtool/formats/line_row_reader.h"

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

}  // namespace llmtool
