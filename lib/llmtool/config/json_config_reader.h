#pragma once

#include <string>
#include <string_view>

#include "llmtool/config/node.h"

namespace llmtool {

// Reads strict JSON (core/json.h) whose top is an object, keeping the position of every key and value.
// Throws ConfigError.
ConfigNode read_json_config(std::string_view text, const std::string& file);

}  // namespace llmtool
