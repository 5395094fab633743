#pragma once

#include <filesystem>

#include "llmtool/config/node.h"

namespace llmtool {

// Reads a config file as JSON (.json, or another extension than .yaml/.yml and a content that starts like a JSON
// object) or as YAML. Positions name the file as `path` was written. Throws ConfigError, and ResourceError when the
// file cannot be read.
ConfigNode read_config_file(const std::filesystem::path& path);

}  // namespace llmtool
