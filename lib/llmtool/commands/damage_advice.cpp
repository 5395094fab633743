#include "llmtool/commands/damage_advice.h"

#include <algorithm>
#include <optional>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/listed.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/manifest.h"
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

}  // namespace llmtool
