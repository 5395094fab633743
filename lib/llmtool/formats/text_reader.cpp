#include "llmtool/formats/text_reader.h"

#include <utility>

namespace llmtool {

TextReader::TextReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : LineRowReader(std::move(source), options) {
  columns_ = std::make_shared<const ColumnNames>(ColumnNames{"text"});
}

bool TextReader::read(Row& row) {
  if (!lines_.next()) return false;
  require_valid_text();
  row.start(lines_.line(), columns_);
  row.add_cell(lines_.text());
  return true;
}

}  // namespace llmtool
