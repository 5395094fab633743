#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/events.h"

namespace llmtool {

// "checkpoint-<step>", the name of a committed checkpoint in a run directory.
std::string checkpoint_name(std::int64_t step);

// Steps of the checkpoints in a run directory, ascending. A directory that is not there has none.
std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& run_directory);

// Step of the newest checkpoint whose files are as its manifest says. Newer ones that are not are reported as warnings
// and renamed to "checkpoint-<step>.damaged". Throws ModelError when there are checkpoints but none is whole.
std::optional<std::int64_t> find_newest_checkpoint(const std::filesystem::path& run_directory, EventSink& events);

// Removes all but the newest `keep` checkpoints and that of `best_step`, and what a killed process left half-written.
void remove_old_checkpoints(const std::filesystem::path& run_directory, std::int64_t keep, std::int64_t best_step);

// The best checkpoint named in the run directory's trainer_state.json: a model directory. Nothing when there is no
// such file yet. Throws ModelError when it cannot be understood or the checkpoint it names is not there.
std::optional<std::filesystem::path> find_best_checkpoint(const std::filesystem::path& run_directory);

}  // namespace llmtool
