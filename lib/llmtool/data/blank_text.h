#pragma once

#include <string_view>

#include "llmtool/data/records.h"

namespace llmtool {

// Empty or only ASCII white space.
bool is_blank(std::string_view text);

// The text, or either text of the pair, is blank.
bool has_blank_text(const Record& record);

}  // namespace llmtool
