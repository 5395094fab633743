#pragma once

#include <algorithm>
#include <string_view>

#include "llmtool/formats/row.h"

namespace llmtool {

// Adds the parts of `text` between separators to the row.
inline void split_fields(std::string_view text, char separator, Row& row) {
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    row.add_cell(text.substr(0, end));
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace llmtool
