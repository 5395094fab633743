#pragma once

#include <string>
#include <vector>

#include "llmtool/config/reader.h"
#include "llmtool/runs/training_run_options.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool::app {

// Reads a run config with the overrides of --set applied, paths expanded from the environment and output_dir resolved.
// Throws ConfigError listing everything that is wrong.
LoadedOptions<RunConfig> read_run_config(const std::string& path, const std::vector<std::string>& overrides);
// The config of a training verb. Throws ConfigError also when its task is one for the other verb.
RunConfig read_training_config(const TrainingRunOptions& options);

}  // namespace llmtool::app
