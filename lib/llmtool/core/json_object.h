#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool {

// Levels that JSON may nest, here and for parse_json.
inline constexpr std::size_t kDeepestJson = 512;

// kNotFinite: NaN, Infinity and -Infinity, which Python writes and JSON does not have.
enum class JsonKind { kNull, kBoolean, kInteger, kNumber, kNotFinite, kString, kArray, kObject };

// "a number", "a list", … for messages, which do not quote the value.
std::string describe(JsonKind kind);

// A member of an object whose value stays text, so that every digit of a number is kept.
struct JsonMember {
  std::string name;
  JsonKind kind = JsonKind::kNull;
  // Of a string its characters; of anything else its JSON without white space, numbers as they stand.
  std::string text;
};

// Reads one object. As strict as parse_json, but numbers may have any size, kNotFinite stands for itself, and names are
// compared on the first level only. `text` must be well-formed UTF-8. Throws Error with `exit_code`, its text starting
// with file:line:column.
std::vector<JsonMember> parse_json_object(std::string_view text, const std::string& file, ExitCode exit_code,
                                          std::int64_t first_line = 1);

}  // namespace llmtool
