#pragma once

#include <string>
#include <string_view>

namespace llmtool {

// Throws DataError when the first bytes of a file show that it is not UTF-8 text (UTF-16, a zip, mostly NUL bytes),
// saying what it is and how to convert it.
void require_text(std::string_view first_bytes, const std::string& name);

}  // namespace llmtool
