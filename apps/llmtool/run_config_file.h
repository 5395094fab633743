#pragma once

#include <string>
#include <vector>

#include "llmtool/commands/run_config.h"
#include "llmtool/config/reader.h"

namespace llmtool::app {

// Reads a run config with the overrides of --set applied, paths expanded from the environment and output_dir resolved.
// Throws ConfigError listing everything that is wrong.
LoadedOptions<RunConfig> read_run_config(const std::string& path, const std::vector<std::string>& overrides);

}  // namespace llmtool::app
