#include "llmtool/commands/run_verification.h"

#include <algorithm>
#include <array>
#include <utility>

#include "llmtool/commands/run_record.h"
#include "llmtool/core/enum_names.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/listed.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/manifest.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 5;
constexpr std::string_view kModelCard = "README.md";

bool is_event_file(std::string_view name) { return name.starts_with("events.out.tfevents."); }

// Made for people to edit, or to throw away.
bool may_change(std::string_view name) { return name == kModelCard || is_event_file(name); }

VerifiedState state_of(const CheckedFile& file) {
  if (file.state == FileState::kOk) return VerifiedState::kOk;
  if (may_change(file.name)) return VerifiedState::kChanged;
  return file.state == FileState::kMissing ? VerifiedState::kMissing : VerifiedState::kDamaged;
}

void add_files(const fs::path& folder, const FileDigests& digests, const std::string& prefix,
               std::vector<VerifiedFile>& files) {
  for (CheckedFile& file : check_files(folder, digests))
    files.push_back({prefix + file.name, state_of(file), std::move(file.problem)});
}

// A checkpoint whose manifest is damaged is one damaged file: what else is in it cannot be told.
void add_checkpoint(const fs::path& directory, const std::string& prefix, std::vector<VerifiedFile>& files) {
  const std::string name = prefix + kManifestName;
  try {
    if (!path_exists(directory / kManifestName)) {
      files.push_back({name, VerifiedState::kMissing, std::string(kManifestName) + " is missing"});
      return;
    }
    add_files(directory, read_manifest(directory, kCheckpointFiles), prefix, files);
  } catch (const Error& error) {
    files.push_back({name, VerifiedState::kDamaged, error.what()});
  }
}

bool is_lost(const VerifiedFile& file) {
  return file.state == VerifiedState::kDamaged || file.state == VerifiedState::kMissing;
}

std::string_view state_name(VerifiedState state) {
  static constexpr std::array<std::string_view, 4> kNames{"ok", "changed", "damaged", "missing"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace

bool is_output_file(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames{
      "model.safetensors", "all_results.json", "eval_results.json", kModelCard, "trainer_state.json", "metrics.jsonl"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || is_event_file(name);
}

std::int64_t FolderVerification::num_lost() const { return std::count_if(files.begin(), files.end(), is_lost); }

Json FolderVerification::to_json() const {
  Json list = Json::array();
  for (const VerifiedFile& file : files) {
    Json entry{{"file", file.name}, {"state", state_name(file.state)}};
    if (!file.problem.empty()) entry["problem"] = file.problem;
    list.push_back(std::move(entry));
  }
  return {{"whole", num_lost() == 0}, {"has_recorded_outputs", has_recorded_outputs}, {"files", std::move(list)}};
}

FolderVerification verify_folder(const fs::path& directory) {
  if (!is_folder(directory)) throw ModelError("there is no folder " + quote(directory.string()));
  FolderVerification result;
  if (path_exists(directory / kRunRecordName)) {
    const FileDigests outputs = read_recorded_outputs(directory);
    result.has_recorded_outputs = !outputs.empty();
    add_files(directory, outputs, "", result.files);
    for (const std::int64_t step : checkpoint_steps(directory))
      add_checkpoint(directory / checkpoint_name(step), checkpoint_name(step) + "/", result.files);
  } else if (is_own_checkpoint(directory)) {
    add_checkpoint(directory, "", result.files);
  } else {
    throw ModelError(directory.string() + ": neither " + kRunRecordName + " nor " + kManifestName +
                     " is here: only folders of runs of llmtool, and their checkpoints, can be verified");
  }
  return result;
}

void require_whole_outputs(const fs::path& run_directory) {
  std::vector<VerifiedFile> files;
  add_files(run_directory, read_recorded_outputs(run_directory), "", files);
  std::erase_if(files, [](const VerifiedFile& file) { return !is_lost(file); });
  if (files.empty()) return;
  throw ModelError("the finished run in " + run_directory.string() +
                   " is damaged: " + listed(files, &VerifiedFile::problem, kMostNamed) +
                   "; take it from a copy, or remove config.json and run the same command again, which makes the files "
                   "anew from the checkpoints; --overwrite trains anew");
}

}  // namespace llmtool
