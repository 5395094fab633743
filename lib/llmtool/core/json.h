#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Strict JSON (RFC 8259): valid UTF-8, no duplicate keys, no trailing content, no NaN, numbers finite, at most 512
// levels deep, at most `most_values` values: parsed, one takes up to a hundred bytes, however short its text is. Throws
// Error with `exit_code`, its text starting with file:line:column.
Json parse_json(std::string_view text, const std::string& file, ExitCode exit_code, std::int64_t first_line = 1,
                std::size_t most_values = std::numeric_limits<std::size_t>::max());

// Values a JSON file of a model folder may hold, for each takes many times its size in the text. The largest
// vocabularies in use need a fifth.
inline constexpr std::size_t kMostModelValues = std::size_t{8} << 20;

// Reads and parses a whole file. Throws ResourceError when it cannot be read; with ExitCode::kModel as
// read_model_file() does, too, and for more than kMostModelValues.
Json read_json_file(const std::string& path, ExitCode exit_code);

// One line, or indented by `indent` spaces when >= 0. Non-finite numbers throw: callers write null with a reason.
std::string to_json_text(const Json& value, int indent = -1);

// A value for a message: its JSON text, control characters as escapes, at most 80 code points of it.
std::string json_excerpt(const Json& value);

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
