#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {

// Whether a file in a run directory belongs to what llmtool.lock.json records of a finished run, besides the files of
// the tokenizer.
bool is_output_file(std::string_view name);

// kChanged: another content than was written, of a file that is there to be edited or dropped (model card, TensorBoard
// events).
enum class VerifiedState { kOk, kChanged, kDamaged, kMissing };

struct VerifiedFile {
  std::string name;  // relative to the folder
  VerifiedState state = VerifiedState::kOk;
  std::string problem;  // empty when it is ok
};

struct FolderVerification {
  std::vector<VerifiedFile> files;
  // Finished by a version that kept no hashes, or not finished yet: only checkpoints can be looked at.
  bool has_recorded_outputs = true;

  // Damaged or missing.
  std::int64_t num_lost() const;
  Json to_json() const;
};

// Compares a run directory, its checkpoints included, or a single checkpoint with the hashes in it. Files that are not
// listed are passed over. Throws ModelError when the folder is neither, or the hashes themselves are damaged.
FolderVerification verify_folder(const std::filesystem::path& directory);

// Throws ModelError naming the files when outputs of a finished run are damaged or missing.
void require_whole_outputs(const std::filesystem::path& run_directory);

}  // namespace llmtool
