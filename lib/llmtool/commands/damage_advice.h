#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "llmtool/commands/run_verification.h"

namespace llmtool {

inline constexpr const char* kNoRunFinished =
    "config.json is here, but no run of llmtool finished: llmtool.lock.json lists no outputs";
inline constexpr const char* kFinishAgain = "remove config.json and run the same command again, which finishes the run";
inline constexpr const char* kAdviceOnRecord =
    "take the record from a copy, or run the same command again with --overwrite, which trains anew";
inline constexpr const char* kWithoutRecord =
    "put llmtool.lock.json back from a copy; without it the model can be used, but the run neither be continued nor "
    "verified: train anew in another folder";

// Whether a folder holds checkpoints or the state of a run, but not its record.
bool is_run_without_record(const std::filesystem::path& directory);

// How to come to a whole folder again, given what of a run is lost: what to remove and run, and what that goes on from.
std::string damage_advice(const std::filesystem::path& run_directory, const std::vector<VerifiedFile>& lost);

}  // namespace llmtool
