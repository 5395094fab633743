#pragma once

#include "llmtool/formats/line_row_reader.h"

namespace llmtool {

// One JSON object a line; the first names the columns, later ones may have other keys. Blank lines are skipped.
class JsonlReader : public LineRowReader {
 public:
  JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  bool read(Row& row) override;

 private:
  Json parse_line() const;
};

}  // namespace llmtool
