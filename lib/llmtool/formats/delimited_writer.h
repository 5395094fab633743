#pragma once

#include "llmtool/formats/buffered_row_writer.h"

namespace llmtool {

// What CSV and TSV have in common: the header and the order of the cells.
class DelimitedWriter : public BufferedRowWriter {
 protected:
  DelimitedWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options, char separator);

  void format(const RowValues& row, std::string& text) override;
  // Appends one cell so that the reader of the same format gives it back. Throws DataError when it cannot.
  virtual void append_cell(const std::string& cell, const std::string& column, std::string& text) const = 0;
  // Appends a name of the header in the same way.
  virtual void append_name(const std::string& name, std::string& text) const { append_cell(name, name, text); }
  // Fixes the columns and writes the header. To be called by the constructor of the writer.
  void set_columns(const ColumnNames& columns);
  std::size_t num_columns() const { return columns_.size(); }

 private:
  void require_known_columns(const RowValues& row) const;

  ColumnNames columns_;
  bool header_;
  char separator_;
};

// CSV after RFC 4180, lines ending with LF; quotes only where needed.
class CsvWriter : public DelimitedWriter {
 public:
  CsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options);

 protected:
  void append_cell(const std::string& cell, const std::string& column, std::string& text) const override;
  // Quoted also where a reader might take what is in it for the delimiter.
  void append_name(const std::string& name, std::string& text) const override;
};

// TSV without quoting.
class TsvWriter : public DelimitedWriter {
 public:
  TsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options);

 protected:
  void append_cell(const std::string& cell, const std::string& column, std::string& text) const override;
};

}  // namespace llmtool
