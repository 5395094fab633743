#pragma once

#include <string>
#include <string_view>

namespace llmtool {

// RFC 4648, section 4, padding required. Throws std::invalid_argument for anything else.
std::string decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace llmtool
