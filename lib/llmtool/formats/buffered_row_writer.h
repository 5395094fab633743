#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "llmtool/formats/byte_sink.h"
#include "llmtool/formats/row_writer.h"

namespace llmtool {

// What the writers have in common: rows are formatted into a buffer, which goes to the sink in blocks.
class BufferedRowWriter : public RowWriter {
 public:
  BufferedRowWriter(std::unique_ptr<ByteSink> sink, std::string name);
  void write(const RowValues& row) override;
  void flush() override;
  void commit() override;

 protected:
  // Appends the row, with its line end, to `text`. May throw DataError; then nothing of the row is written.
  virtual void format(const RowValues& row, std::string& text) = 0;
  // What stands before the first row.
  void add_header(const std::string& text) { buffer_ += text; }
  // "file: row 12: ", for the row that is being formatted, counted from 1 without the header.
  std::string place() const;

 private:
  void send();

  std::string buffer_;
  std::string row_text_;
  std::unique_ptr<ByteSink> sink_;
  std::string name_;
  std::int64_t row_number_ = 0;
};

}  // namespace llmtool
