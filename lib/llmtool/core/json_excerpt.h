#pragma once

#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {

// A value for a message: its JSON text, control characters as escapes, at most 80 code points of it.
inline std::string json_excerpt(const Json& value) {
  const std::string quoted = quote(to_json_text(value));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace llmtool
