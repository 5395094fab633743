#include "llmtool/formats/buffered_row_writer.h"

#include <utility>

namespace llmtool {
namespace {

constexpr std::size_t kBlockSize = 1 << 16;

}  // namespace

BufferedRowWriter::BufferedRowWriter(std::unique_ptr<ByteSink> sink, std::string name)
    : sink_(std::move(sink)), name_(std::move(name)) {}

void BufferedRowWriter::write(const RowValues& row) {
  ++row_number_;
  row_text_.clear();
  format(row, row_text_);
  buffer_ += row_text_;
  if (buffer_.size() >= kBlockSize) send();
}

void BufferedRowWriter::send() {
  sink_->write(buffer_);
  buffer_.clear();
}

void BufferedRowWriter::flush() {
  send();
  sink_->flush();
}

void BufferedRowWriter::commit() {
  send();
  sink_->commit();
}

std::string BufferedRowWriter::place() const {
  if (row_number_ == 0) return name_ + ": header: ";
  return name_ + ": row " + std::to_string(row_number_) + ": ";
}

}  // namespace llmtool
