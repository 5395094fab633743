#include "llmtool/runs/run_verification.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/trainer_state.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMetrics = "metrics.jsonl";
constexpr const char* kCopyOr = "take what is lost from a copy, or ";
constexpr const char* kTrainAnew = "run the same command again with --overwrite, which trains anew";

bool is_whole(const fs::path& run_directory, std::int64_t step) {
  return !find_damage(run_directory / checkpoint_name(step), kCheckpointFiles);
}

TrainerState state_at(const fs::path& run_directory, std::int64_t step) {
  const std::string file = (run_directory / checkpoint_name(step) / "trainer_state.json").string();
  return TrainerState::from_json(read_json_file(file, ExitCode::kModel), file);
}

// What the same command does where config.json is gone; "" when it cannot go on.
std::string what_a_rerun_does(const fs::path& run_directory) {
  std::vector<std::int64_t> steps = checkpoint_steps(run_directory);
  if (steps.empty()) return "which trains anew: no checkpoint is left";
  while (!steps.empty() && !is_whole(run_directory, steps.back())) steps.pop_back();
  if (steps.empty()) return "";
  const TrainerState state = state_at(run_directory, steps.back());
  if (!state.finished()) return "which goes on from " + checkpoint_name(state.step);
  if (!is_whole(run_directory, state.best_step)) return "";
  return "which makes the files anew from " + checkpoint_name(state.best_step);
}

std::string advice_on_outputs(const fs::path& run_directory) {
  std::string rerun;
  try {
    rerun = what_a_rerun_does(run_directory);
  } catch (const Error&) {
    // A checkpoint that is as its manifest says and cannot be understood.
  }
  if (rerun.empty()) return std::string("no checkpoint can make it anew: ") + kCopyOr + kTrainAnew;
  const bool is_finished = path_exists(run_directory / "config.json");
  return kCopyOr + std::string(is_finished ? "remove config.json and " : "") + "run the same command again, " + rerun +
         "; --overwrite trains anew";
}

// The model of a finished run needs none.
std::string advice_on_checkpoints(const fs::path& run_directory, const std::set<std::string>& names) {
  if (path_exists(run_directory / "config.json"))
    return "the finished model does not need " + listed(names) + ": remove " + (names.size() == 1 ? "it" : "them") +
           " or take what is lost from a copy";
  std::vector<std::int64_t> steps = checkpoint_steps(run_directory);
  std::erase_if(steps, [&](std::int64_t step) { return !is_whole(run_directory, step); });
  if (steps.empty()) return std::string("no checkpoint can be continued: ") + kCopyOr + kTrainAnew;
  return kCopyOr + std::string("run the same command again, which goes on from ") + checkpoint_name(steps.back());
}

}  // namespace

bool is_run_without_record(const fs::path& directory) {
  return !path_exists(directory / kRunRecordName) &&
         (path_exists(directory / "trainer_state.json") || !checkpoint_steps(directory).empty());
}

std::string damage_advice(const fs::path& run_directory, const std::vector<VerifiedFile>& lost) {
  std::set<std::string> checkpoints;
  bool record = false;
  bool outputs = false;
  bool metrics = false;
  for (const VerifiedFile& file : lost) {
    const std::string top = file.name.substr(0, file.name.find('/'));
    if (file.name == kRunRecordName) {
      record = true;
    } else if (step_of_checkpoint(top)) {
      checkpoints.insert(top);
    } else {
      outputs = true;
      metrics = metrics || file.name == kMetrics;
    }
  }
  if (record) return kAdviceOnRecord;
  if (!outputs) return advice_on_checkpoints(run_directory, checkpoints);
  return advice_on_outputs(run_directory) +
         (metrics ? "; lines that are lost of metrics.jsonl come back only by training anew" : "");
}

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 5;
constexpr std::string_view kModelCard = "README.md";
constexpr std::string_view kLogFile = "run.log";
constexpr std::string_view kMarkOfFinished = "config.json";

bool is_event_file(std::string_view name) { return name.starts_with("events.out.tfevents."); }

// Made for people to edit, or to throw away.
bool may_change(std::string_view name) { return name == kModelCard || is_event_file(name); }

VerifiedState state_of(const CheckedFile& file) {
  if (file.state == FileState::kOk) return VerifiedState::kOk;
  const bool is_missing = file.state == FileState::kMissing;
  if (may_change(file.name)) return is_missing ? VerifiedState::kRemoved : VerifiedState::kChanged;
  return is_missing ? VerifiedState::kMissing : VerifiedState::kDamaged;
}

// The first part of a path, such as "checkpoint-8".
std::string top_of(const std::string& name) { return name.substr(0, name.find('/')); }

class Verification {
 public:
  explicit Verification(const fs::path& directory) : directory_(directory) {}

  FolderVerification of_run();
  FolderVerification of_checkpoint();
  std::vector<VerifiedFile> of_outputs();

 private:
  void read_record();
  void check_outputs();
  void check_checkpoint(const std::string& name);
  void check_listed(const FileDigests& digests, const std::string& prefix);
  void check_manifest(const std::string& prefix);
  void name_unchecked(const std::string& prefix);

  bool is_finished() const { return path_exists(directory_ / kMarkOfFinished); }
  void add(const std::string& name, VerifiedState state, std::string problem = "") {
    result_.files.push_back({name, state, std::move(problem)});
  }

  fs::path directory_;
  FileDigests outputs_;
  std::map<std::string, FileDigest> manifests_;  // of checkpoints by their names
  FolderVerification result_;
};

void Verification::read_record() {
  try {
    RecordedOutputs recorded = read_recorded_outputs(directory_);
    if (recorded.has_checksum) add(kRunRecordName, VerifiedState::kOk);
    if (!recorded.files) {
      result_.recorded = !is_finished()          ? RecordedHashes::kUnfinished
                         : recorded.has_checksum ? RecordedHashes::kAbsent
                                                 : RecordedHashes::kEarlierVersion;
      return;
    }
    for (auto& [name, digest] : *recorded.files) {
      const std::string top = top_of(name);
      (step_of_checkpoint(top) ? manifests_[top] : outputs_[name]) = std::move(digest);
    }
  } catch (const Error& error) {
    add(kRunRecordName, VerifiedState::kDamaged, error.what());
  }
}

void Verification::check_listed(const FileDigests& digests, const std::string& prefix) {
  for (CheckedFile& file : check_files(directory_ / prefix, digests))
    add(prefix + file.name, state_of(file), std::move(file.problem));
}

void Verification::check_outputs() { check_listed(outputs_, ""); }

// One whose manifest is damaged is one damaged file: what else is in it cannot be told.
void Verification::check_manifest(const std::string& prefix) {
  const std::string name = prefix + kManifestName;
  try {
    if (!path_exists(directory_ / name)) return add(name, VerifiedState::kMissing, name + " is missing");
    const FileDigests digests = read_manifest(directory_ / prefix, kCheckpointFiles);
    add(name, VerifiedState::kOk);
    check_listed(digests, prefix);
    name_unchecked(prefix);
  } catch (const Error& error) {
    add(name, VerifiedState::kDamaged, error.what());
  }
}

void Verification::check_checkpoint(const std::string& name) {
  const fs::path folder = directory_ / name;
  const auto manifest = manifests_.find(name);
  if (!is_folder(folder)) {
    if (manifest != manifests_.end()) return add(name + "/", VerifiedState::kRemoved, name + " was removed");
    return add(name, VerifiedState::kUnchecked, "it is no checkpoint");
  }
  if (manifest != manifests_.end()) {
    const std::string file = name + "/" + kManifestName;
    const CheckedFile checked = check_files(directory_, {{file, manifest->second}}).front();
    if (checked.state != FileState::kOk) return add(file, state_of(checked), checked.problem);
  } else if (!is_own_checkpoint(folder) && !is_empty_folder(folder)) {
    return add(name + "/", VerifiedState::kUnchecked, "llmtool did not write it");
  }
  check_manifest(name + "/");
}

// Everything that lies there and was not looked at.
void Verification::name_unchecked(const std::string& prefix) {
  std::set<std::string> known;
  for (const VerifiedFile& file : result_.files)
    if (file.name.starts_with(prefix)) known.insert(top_of(file.name.substr(prefix.size())));
  for (const std::string& name : names_in_folder(directory_ / prefix)) {
    if (known.contains(name)) continue;
    const bool is_log = prefix.empty() && name == kLogFile;
    add(prefix + name + (is_folder(directory_ / prefix / name) ? "/" : ""), VerifiedState::kUnchecked,
        is_log ? "lines may be added to it" : "no hash of it is recorded");
  }
}

FolderVerification Verification::of_run() {
  read_record();
  check_outputs();
  std::set<std::int64_t> steps;
  for (const auto& [name, digest] : manifests_) steps.insert(*step_of_checkpoint(name));
  for (const std::string& name : names_in_folder(directory_))
    if (const auto step = step_of_checkpoint(name)) steps.insert(*step);
  for (const std::int64_t step : steps) check_checkpoint(checkpoint_name(step));
  name_unchecked("");
  return std::move(result_);
}

FolderVerification Verification::of_checkpoint() {
  result_.recorded = RecordedHashes::kOfCheckpoint;
  check_manifest("");
  return std::move(result_);
}

// Those alone that say that they are lost.
std::vector<VerifiedFile> Verification::of_outputs() {
  read_record();
  check_outputs();
  if (result_.recorded == RecordedHashes::kAbsent)
    throw ModelError(directory_.string() + ": " + kNoRunFinished + "; " + kFinishAgain);
  std::erase_if(result_.files, [](const VerifiedFile& file) { return !file.is_lost(); });
  return std::move(result_.files);
}

std::string_view state_name(VerifiedState state) {
  static constexpr std::array<std::string_view, 6> kNames{"ok",        "changed", "removed",
                                                          "unchecked", "damaged", "missing"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace

bool is_output_file(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames{
      "model.safetensors", "all_results.json", "eval_results.json", kModelCard, "trainer_state.json", "metrics.jsonl"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || is_event_file(name);
}

bool VerifiedFile::is_lost() const { return state == VerifiedState::kDamaged || state == VerifiedState::kMissing; }

std::string_view outcome_name(FolderOutcome outcome) {
  static constexpr std::array<std::string_view, 3> kNames{"whole", "damaged", "unverifiable"};
  return kNames[static_cast<std::size_t>(outcome)];
}

FolderOutcome FolderVerification::outcome() const {
  if (num_lost() > 0) return FolderOutcome::kDamaged;
  const bool has_hashes = recorded != RecordedHashes::kEarlierVersion && recorded != RecordedHashes::kAbsent;
  return has_hashes ? FolderOutcome::kWhole : FolderOutcome::kUnverifiable;
}

std::int64_t FolderVerification::num_lost() const {
  return std::count_if(files.begin(), files.end(), [](const VerifiedFile& file) { return file.is_lost(); });
}

std::int64_t FolderVerification::num_checked() const {
  return std::count_if(files.begin(), files.end(),
                       [](const VerifiedFile& file) { return file.state != VerifiedState::kUnchecked; });
}

Json FolderVerification::to_json() const {
  Json list = Json::array();
  for (const VerifiedFile& file : files) {
    Json entry{{"file", file.name}, {"state", state_name(file.state)}};
    if (!file.problem.empty()) entry["problem"] = file.problem;
    list.push_back(std::move(entry));
  }
  const bool has_outputs = recorded == RecordedHashes::kOfOutputs || recorded == RecordedHashes::kOfCheckpoint;
  return {{"outcome", outcome_name(outcome())},
          {"whole", outcome() == FolderOutcome::kWhole},
          {"has_recorded_outputs", has_outputs},
          {"files", std::move(list)}};
}

FolderVerification verify_folder(const fs::path& directory) {
  if (!is_folder(directory)) throw ModelError("there is no folder " + quote(directory.string()));
  if (path_exists(directory / kRunRecordName)) return Verification(directory).of_run();
  if (is_own_checkpoint(directory)) return Verification(directory).of_checkpoint();
  const std::string problem = ": neither " + std::string(kRunRecordName) + " nor " + kManifestName + " is here: ";
  if (is_run_without_record(directory))
    throw ModelError(directory.string() + problem + "it is a run that cannot be verified, for its record is lost; " +
                     kWithoutRecord);
  throw ModelError(directory.string() + problem +
                   "only folders of runs of llmtool, and their checkpoints, can be verified");
}

void require_whole_outputs(const fs::path& run_directory) {
  const std::vector<VerifiedFile> lost = Verification(run_directory).of_outputs();
  if (lost.empty()) return;
  throw ModelError("the finished run in " + run_directory.string() + " is damaged: " +
                   listed(lost, &VerifiedFile::problem, kMostNamed) + "; " + damage_advice(run_directory, lost));
}

}  // namespace llmtool
