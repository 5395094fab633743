#include "llmtool/core/text_position.h"

#include <algorithm>

#include "llmtool/core/utf8.h"

namespace llmtool {

SourcePosition position_in(std::string_view text, std::size_t offset, const std::string& file,
                           std::int64_t first_line) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_start = before.find_last_of('\n') + 1;
  const auto line = first_line + std::count(before.begin(), before.end(), '\n');
  return {file, line, static_cast<std::int64_t>(count_code_points(before.substr(line_start))) + 1};
}

}  // namespace llmtool
