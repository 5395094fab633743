#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/hashing.h"

namespace llmtool {

inline constexpr const char* kManifestName = "MANIFEST.json";

// Lists every file below `directory` with size and SHA-256 in MANIFEST.json. Throws ResourceError.
void write_manifest(const std::filesystem::path& directory);

// Throws ModelError when it is damaged, lists nothing or leaves out one of `required`, ResourceError when it cannot be
// read.
FileDigests read_manifest(const std::filesystem::path& directory, std::span<const std::string_view> required = {});

// What is wrong with a directory that has a manifest ("model.safetensors is 12 bytes, expected 90868376"), or nothing
// when the manifest lists what is `required`, and every file is there and unchanged. Files that are not listed are
// ignored.
std::optional<std::string> find_damage(const std::filesystem::path& directory,
                                       std::span<const std::string_view> required = {});

// Without one of these a checkpoint cannot be continued.
inline constexpr std::array<std::string_view, 5> kCheckpointFiles = {
    "config.json", "model.safetensors", "optimizer.safetensors", "random_state.safetensors", "trainer_state.json"};

// "checkpoint-<step>", the name of a committed checkpoint in a run directory.
std::string checkpoint_name(std::int64_t step);
// Nothing when a name is not that of a checkpoint.
std::optional<std::int64_t> step_of_checkpoint(std::string_view name);

// Whether a folder is a checkpoint that this tool wrote, maybe a damaged one: other tools, and users, name theirs
// alike.
bool is_own_checkpoint(const std::filesystem::path& directory);

// Steps of the checkpoints in a run directory, ascending; only its own. A directory that is not there has none.
std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& run_directory);

// Step of the newest checkpoint whose files are as its manifest says. Newer ones that are not are reported as warnings
// and renamed to "checkpoint-<step>.damaged". Throws ModelError when there are checkpoints but none is whole.
std::optional<std::int64_t> find_newest_checkpoint(const std::filesystem::path& run_directory, EventSink& events);

// Removes all but the newest `keep` checkpoints and that of `best_step`, and what a killed process left half-written.
// One that cannot be removed is a warning.
void remove_old_checkpoints(const std::filesystem::path& run_directory, std::int64_t keep, std::int64_t best_step,
                            EventSink& events);
// Removes every checkpoint, also those set aside as damaged. Throws ResourceError.
void remove_all_checkpoints(const std::filesystem::path& run_directory);

}  // namespace llmtool
