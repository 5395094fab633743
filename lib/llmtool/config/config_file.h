#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/config/node.h"

namespace llmtool {

// Reads strict JSON (core/json.h) whose top is an object, keeping the position of every key and value.
// Throws ConfigError.
ConfigNode read_json_config(std::string_view text, const std::string& file);

// Reads a config file as JSON (.json, or another extension than .yaml/.yml and a content that starts like a JSON
// object) or as YAML. Positions name the file as `path` was written. Throws ConfigError, and ResourceError when the
// file cannot be read.
ConfigNode read_config_file(const std::filesystem::path& path);

// Reads one YAML 1.2 document whose top is a map. Refused, with file:line:column, as ConfigError: duplicate keys, a
// second document, merge keys, tags, aliases of themselves or growing beyond 100,000 values, keys that are not plain
// text, tabs as indentation, invalid UTF-8, control characters, an empty file.
ConfigNode read_yaml_config(std::string_view text, const std::string& file);

// Reads a single value ("3", "[a, b]", "{name: adam}") whose nodes all get `origin`: the right side of --set.
ConfigNode read_yaml_value(std::string_view text, const SourcePosition& origin);

// Applies the arguments of --set, in order, to a config tree: "training.epochs=3", "data.text[1]=answer",
// "optimizer={name: adam}". A value that starts with [ { " or ' is read as YAML, any other is a plain scalar exactly
// as written (so # : * & need no quotes); an empty value or null unsets the key. Sections on the way are made; a list
// grows by at most one item. A segment with dots is quoted: training.class_weights."a.b"=2.
// Throws ConfigError that starts with the override.
void apply_overrides(ConfigNode& root, const std::vector<std::string>& overrides);

}  // namespace llmtool
