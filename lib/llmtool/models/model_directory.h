#pragma once

#include <filesystem>
#include <string>

#include "llmtool/core/json.h"

namespace llmtool {

// Throws ModelError when `path` is no folder; a name such as "bert-base-uncased" gets told that nothing is downloaded
// and how to bring the model here.
void require_model_directory(const std::filesystem::path& path);

// config.json of a model folder. Throws ModelError when the folder or the file is missing or it is no JSON object.
Json read_model_config(const std::filesystem::path& directory);

// The name used in messages about it.
std::string model_config_path(const std::filesystem::path& directory);

}  // namespace llmtool
