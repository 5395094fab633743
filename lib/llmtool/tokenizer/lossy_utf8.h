#pragma once

#include <string>
#include <string_view>

namespace llmtool {

// `bytes` as text: each maximal part of an ill-formed sequence becomes one U+FFFD (Unicode 15, section 3.9; Rust's
// from_utf8_lossy).
std::string to_lossy_utf8(std::string_view bytes);

}  // namespace llmtool
