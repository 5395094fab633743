#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "llmtool/core/errors.h"

namespace llmtool {

// Where in a text that starts on `first_line` of a file a byte offset lies.
SourcePosition position_in(std::string_view text, std::size_t offset, const std::string& file, std::int64_t first_line);

}  // namespace llmtool
