#pragma once

#include <filesystem>

#include "llmtool/tasks/run_config.h"

namespace llmtool {

// Throws when something that a run reads could be overwritten or deleted by it, also by --overwrite, or its output or
// its cache be taken for a part of the model. UsageError: output_dir is or holds a model, tokenizer or data file, or
// has one of them by a link. ConfigError: output_dir or data.cache lies where a model, another run or each other has
// files of its own, or something that is read lies where they write. Nothing is opened or changed.
void require_kept_sources(const RunConfig& config, const std::filesystem::path& config_file);

}  // namespace llmtool
