#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/core/json_object.h"
#include "llmtool/formats/line_source.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {

// A row that is wrong while the rest of the file can still be read.
class BadRow : public DataError {
 public:
  using DataError::DataError;
};

// What the readers have in common: lines, column names, and what happens to bad rows.
class LineRowReader : public RowReader {
 public:
  const ColumnNames& columns() const override { return *columns_; }
  const std::string& name() const override { return lines_.name(); }
  bool next(Row& row) override;

 protected:
  LineRowReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

  // Reads the row that comes next; false at the end. On BadRow the lines' current text is the row.
  virtual bool read(Row& row) = 0;
  // As next(), before the columns are known: the row is kept and comes again as the first of next().
  bool read_ahead();

  // Throws BadRow when the current text holds invalid UTF-8 or NUL bytes.
  void require_valid_text() const;

  LineSource lines_;
  std::shared_ptr<const ColumnNames> columns_;
  Row first_row_;

 private:
  bool read_or_report(Row& row);

  std::function<void(const RowError&)> on_bad_row_;
  bool has_first_row_ = false;
};

// One text a line, in the column "text"; an empty line is an empty text.
class TextReader : public LineRowReader {
 public:
  TextReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  bool read(Row& row) override;
};

// One JSON object a line; the first names the columns, later ones may have other keys. Blank lines are skipped.
class JsonlReader : public LineRowReader {
 public:
  JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  bool read(Row& row) override;

 private:
  std::vector<JsonMember> parse_line() const;
  std::string advice() const;
};

}  // namespace llmtool
