#pragma once

#include <concepts>
#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/formats/row.h"
#include "llmtool/formats/table_layout.h"

namespace llmtool {

// A value that is written: one of this program, or the JSON text of one that was read and passes through, whose numbers
// keep their digits.
class RowValue {
 public:
  template <class Value>
  requires(!std::same_as<std::remove_cvref_t<Value>, RowValue> && std::constructible_from<Json, Value>)
      RowValue(Value&& value)
      : json_(std::forward<Value>(value)) {}

  static RowValue as_read(std::string json_text) {
    RowValue value(nullptr);
    value.json_text_ = std::move(json_text);
    return value;
  }

  void append_json(std::string& text) const;
  // As the text of a cell: strings as they are, null empty, everything else as JSON.
  std::string cell() const;
  // The value of this program; null for one that was read.
  const Json& json() const { return json_; }

  friend bool operator==(const RowValue& left, const RowValue& right) = default;

 private:
  Json json_;
  std::string json_text_;  // "": json_ is the value
};

// Writes rows as CSV, TSV, JSONL or text. In CSV and TSV null is an empty cell, other values are their JSON text.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  // CSV and TSV: `columns` (or the first row) fix the columns; a later row may lack some, but a name that is not among
  // them throws DataError. TSV refuses cells with tab or line break, text anything but one value without line break,
  // with DataError naming the row. Throws ResourceError when writing fails (disk full, closed pipe).
  virtual void write(const RowValues& row) = 0;
  // Hands everything written so far to the system: for streams, after each batch.
  virtual void flush() = 0;
  // Must be called at the end: the file appears under its name. Without, nothing is left behind. Throws ResourceError.
  virtual void commit() = 0;
};

struct WriteOptions {
  FileFormat format = FileFormat::kAuto;
  // CSV and TSV: begin with a row of column names.
  bool header = true;
  // Columns known in advance: then the header is written even when no row follows.
  ColumnNames columns;
};

// A file, written atomically, compressed when its name ends in .gz. Throws ResourceError; DataError for an unknown
// extension.
std::unique_ptr<RowWriter> create_rows(const std::string& path, const WriteOptions& options = {});
// An open stream such as stdout, not closed; `name` is for messages. options.format must not be kAuto.
std::unique_ptr<RowWriter> create_rows(std::FILE* stream, const std::string& name, const WriteOptions& options);

// A matrix as numpy.save writes it (format 1.0, '<f4', C order): the list of numbers under `column` of every row; the
// other values of a row are left out. Lists of another length than the first throw DataError. Without rows the file is
// an empty matrix. Memory does not grow with the rows. Throws ResourceError.
std::unique_ptr<RowWriter> create_npy_rows(const std::string& path, const std::string& column);

}  // namespace llmtool
