#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "llmtool/formats/row.h"
#include "llmtool/formats/row_writer.h"

namespace llmtool {

// Rows that could not be answered: a file with line (null where a file has none), reason and raw (the row's bytes,
// invalid UTF-8 as U+FFFD; for a row that could be read but not used, its values as a JSON object). The file appears
// with commit(), also when empty.
class RejectWriter {
 public:
  // Throws DataError for an extension other than CSV and JSONL, ResourceError when the file cannot be written.
  explicit RejectWriter(const std::string& path);

  void add(std::int64_t line, const std::string& reason, const std::string& raw);
  void add(std::int64_t line, const std::string& reason, const RowValues& values);
  std::int64_t num_rows() const { return num_rows_; }
  void commit() { writer_->commit(); }

 private:
  std::unique_ptr<RowWriter> writer_;
  std::int64_t num_rows_ = 0;
};

}  // namespace llmtool
