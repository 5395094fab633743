#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json_fwd.h"

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

// Whether a file in a run directory belongs to what llmtool.lock.json records of a finished run, besides the files of
// the tokenizer and the manifests of checkpoints.
bool is_output_file(std::string_view name);

// kChanged, kRemoved: not as it was written, but there to be edited or dropped (model card, TensorBoard events, whole
// checkpoints). kUnchecked: nothing was recorded of it.
enum class VerifiedState { kOk, kChanged, kRemoved, kUnchecked, kDamaged, kMissing };

struct VerifiedFile {
  std::string name;  // relative to the folder; of a folder with '/' at its end
  VerifiedState state = VerifiedState::kOk;
  std::string problem;  // empty when it is ok

  // Damaged or missing.
  bool is_lost() const;
};

// What there is to compare with. kUnfinished: only checkpoints have hashes so far. kEarlierVersion: a run that was
// finished when no hashes were kept. kAbsent: the folder passes for finished, but no run finished it.
enum class RecordedHashes { kOfOutputs, kOfCheckpoint, kUnfinished, kEarlierVersion, kAbsent };

// kWhole: all that was recorded is as it was written. kUnverifiable: nothing was, though it should be.
enum class FolderOutcome { kWhole, kDamaged, kUnverifiable };

std::string_view outcome_name(FolderOutcome outcome);

struct FolderVerification {
  std::vector<VerifiedFile> files;
  RecordedHashes recorded = RecordedHashes::kOfOutputs;

  FolderOutcome outcome() const;
  std::int64_t num_lost() const;
  std::int64_t num_checked() const;
  Json to_json() const;
};

// Compares a run directory, its checkpoints included, or a single checkpoint with the hashes in it, and names all else
// that lies there. Throws ModelError when the folder is neither.
FolderVerification verify_folder(const std::filesystem::path& directory);

// Throws ModelError naming the files, and what to do, when outputs of a finished run are damaged or missing, or no run
// finished it.
void require_whole_outputs(const std::filesystem::path& run_directory);

// How to come to a whole folder again, given what of a run is lost: what to remove and run, and what that goes on from.
std::string damage_advice(const std::filesystem::path& run_directory, const std::vector<VerifiedFile>& lost);

}  // namespace llmtool
