#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "llmtool/core/errors.h"

namespace llmtool {

// Keys keep the order they were written in.
using Json = nlohmann::ordered_json;

// Strict JSON (RFC 8259): valid UTF-8, no duplicate keys, no trailing content, no NaN, numbers finite, at most 512
// levels deep. Throws Error with `exit_code`, its text starting with file:line:column.
Json parse_json(std::string_view text, const std::string& file, ExitCode exit_code, std::int64_t first_line = 1);

// Reads and parses a whole file. Throws ResourceError when it cannot be read.
Json read_json_file(const std::string& path, ExitCode exit_code);

// One line, or indented by `indent` spaces when >= 0. Non-finite numbers throw: callers write null with a reason.
std::string to_json_text(const Json& value, int indent = -1);

}  // namespace llmtool
