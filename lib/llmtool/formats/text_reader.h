#pragma once

#include "llmtool/formats/line_row_reader.h"

namespace llmtool {

// One text a line, in the column "text"; an empty line is an empty text.
class TextReader : public LineRowReader {
 public:
  TextReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  bool read(Row& row) override;
};

}  // namespace llmtool
