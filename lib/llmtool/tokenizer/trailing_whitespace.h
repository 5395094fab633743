#pragma once

#include <cstddef>
#include <string_view>

namespace llmtool {

// Start of the code point that ends before `end` > 0 in well-formed UTF-8.
std::size_t previous_code_point(std::string_view text, std::size_t end);

// Where the characters of Unicode's White_Space begin that end a text; its size when none do.
std::size_t begin_of_trailing_whitespace(std::string_view text);

}  // namespace llmtool
