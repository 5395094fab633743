#pragma once

#include <string>
#include <string_view>

#include "llmtool/config/node.h"

namespace llmtool {

// Reads one YAML 1.2 document whose top is a map. Refused, with file:line:column, as ConfigError: duplicate keys, a
// second document, merge keys, tags, aliases of themselves or growing beyond 100,000 values, keys that are not plain
// text, tabs as indentation, invalid UTF-8, control characters, an empty file.
ConfigNode read_yaml_config(std::string_view text, const std::string& file);

// Reads a single value ("3", "[a, b]", "{name: adam}") whose nodes all get `origin`: the right side of --set.
ConfigNode read_yaml_value(std::string_view text, const SourcePosition& origin);

}  // namespace llmtool
