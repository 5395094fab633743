#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/errors.h"

namespace llmtool {

// Byte offset of the first ill-formed UTF-8 sequence (Unicode 15, table 3-7), or nothing when `text` is well-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Decodes the code point at `position` and advances. Precondition: well-formed text.
char32_t decode_utf8(std::string_view text, std::size_t& position);
void append_utf8(char32_t code_point, std::string& text);

// Number of code points of well-formed text.
std::size_t count_code_points(std::string_view text);

// Where in a text that starts on `first_line` of a file a byte offset lies.
SourcePosition position_in(std::string_view text, std::size_t offset, const std::string& file, std::int64_t first_line);

}  // namespace llmtool
