#pragma once

#include <string>
#include <vector>

#include "llmtool/core/json_object.h"
#include "llmtool/formats/line_row_reader.h"

namespace llmtool {

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
