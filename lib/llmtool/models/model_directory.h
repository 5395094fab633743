#pragma once

#include <filesystem>
#include <string>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Throws ModelError when `path` is no folder with a config.json or modules.json; a name such as "bert-base-uncased"
// gets told that nothing is downloaded and how to bring the model here, a run that has not finished, which checkpoint
// is its model, and an adapter of PEFT, how to make a model of it.
void require_model_directory(const std::filesystem::path& path);

// config.json of a model folder. Throws ModelError as require_model_directory does, and when it is no JSON object.
Json read_model_config(const std::filesystem::path& directory);

// The name used in messages about it.
std::string model_config_path(const std::filesystem::path& directory);

}  // namespace llmtool
