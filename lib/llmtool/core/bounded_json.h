#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "llmtool/core/json.h"

namespace llmtool {

// How large JSON from elsewhere may be. Parsed, a value takes up to a hundred bytes, however short its text is.
struct JsonLimits {
  std::size_t num_bytes = 16 << 20;
  std::size_t num_values = 1'000'000;
};

// The same for a regular file. Throws Error with `exit_code` naming the limit that it is beyond.
Json read_json_file(const std::string& path, ExitCode exit_code, const JsonLimits& limits);
// Throws Error with `exit_code`, its text starting with `file`, when parsing the text would go beyond a limit.
void require_json_limits(std::string_view text, const std::string& file, ExitCode exit_code, const JsonLimits& limits);

}  // namespace llmtool
