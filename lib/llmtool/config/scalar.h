#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/config/node.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Looks a variable up; empty functions know none. Only apps read the real environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Expands a leading `~` (alone or before a slash; HOME) and ${NAME} in a path; `$$` is a literal `$`.
// Throws ValueError for an unknown variable, a lone `$`, an unclosed ${ or `~user`.
std::string expand_path(const std::string& text, const Environment& environment);

// The text that expand_path turns back into `path`.
std::string escape_path(const std::string& path);

// Meaning of plain (unquoted) scalars, YAML 1.2 core schema made stricter. All throw ValueError that says what was
// expected and, where it is plain, how to write it.

// true or false; not yes, no, on, off, True.
bool parse_bool(std::string_view text);

// Decimal digits with an optional sign. A fraction or exponent is accepted when the value is exactly integral and at
// most 2^53 (1e5, 2.0). Refused: 010, 0x10, 1_000, values beyond 64 bits.
std::int64_t parse_integer(std::string_view text);

// A finite decimal number (3, 3., .5, 1e-4). Refused: 010, .inf, .nan, 1_000, 1e999.
double parse_number(std::string_view text);

// True for ~, null, Null, NULL and the empty text.
bool is_null_text(std::string_view text);

// A plain scalar without a known type: null, true/false, integer, number, else text. Throws ValueError for 010 and
// numbers too large.
Json plain_scalar_to_json(std::string_view text);

// What is wrong with a scalar inside a larger value, and where.
class ScalarError : public ValueError {
 public:
  ScalarError(SourcePosition position, const std::string& message)
      : ValueError(message), position_(std::move(position)) {}
  const SourcePosition& position() const { return position_; }

 private:
  SourcePosition position_;
};

// The node as JSON, for types that read themselves from it. Throws ScalarError.
Json node_to_json(const ConfigNode& node);

}  // namespace llmtool
