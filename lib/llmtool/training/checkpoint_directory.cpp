#include "llmtool/training/checkpoint_directory.h"

#include <algorithm>
#include <charconv>

#include "llmtool/core/errors.h"
#include "llmtool/training/manifest.h"
#include "llmtool/training/run_state.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kHiddenPrefix = ".checkpoint-";

std::optional<std::int64_t> step_of(const std::string& name) {
  if (name.rfind(kPrefix, 0) != 0) return std::nullopt;
  std::int64_t step = -1;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (error != std::errc() || stop != end || step < 0 || checkpoint_name(step) != name) return std::nullopt;
  return step;
}

bool is_leftover(const std::string& name) {
  return name.rfind(kHiddenPrefix, 0) == 0 && name.find(".tmp-") != std::string::npos;
}

// Under its final name a checkpoint is whole or not there: it is renamed before its files go one by one.
void remove_checkpoint(const fs::path& run_directory, std::int64_t step) {
  fs::path doomed = run_directory / kHiddenPrefix;
  doomed += std::to_string(step);
  doomed += ".tmp-removed";
  std::error_code ignored;
  fs::remove_all(doomed, ignored);
  fs::rename(run_directory / checkpoint_name(step), doomed, ignored);
  fs::remove_all(doomed, ignored);
}

void remove_leftovers(const fs::path& run_directory) {
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(run_directory))
    if (is_leftover(entry.path().filename().string())) leftovers.push_back(entry.path());
  std::error_code ignored;
  for (const fs::path& path : leftovers) fs::remove_all(path, ignored);
}

void set_aside(const fs::path& directory) {
  const fs::path aside = directory.string() + ".damaged";
  std::error_code ignored;
  fs::remove_all(aside, ignored);
  fs::rename(directory, aside, ignored);
}

}  // namespace

std::string checkpoint_name(std::int64_t step) { return std::string(kPrefix) + std::to_string(step); }

std::vector<std::int64_t> checkpoint_steps(const fs::path& run_directory) {
  std::vector<std::int64_t> steps;
  if (!fs::is_directory(run_directory)) return steps;
  for (const auto& entry : fs::directory_iterator(run_directory))
    if (entry.is_directory())
      if (const auto step = step_of(entry.path().filename().string())) steps.push_back(*step);
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::optional<std::int64_t> find_newest_checkpoint(const fs::path& run_directory, EventSink& events) {
  const std::vector<std::int64_t> steps = checkpoint_steps(run_directory);
  std::vector<fs::path> damaged;
  std::string problems;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const fs::path directory = run_directory / checkpoint_name(*step);
    const auto damage = find_damage(directory);
    if (!damage) {
      for (const fs::path& path : damaged) set_aside(path);
      return *step;
    }
    events.warning("checkpoint " + directory.string() + " is damaged and not used: " + *damage);
    problems += "\n  " + checkpoint_name(*step) + ": " + *damage;
    damaged.push_back(directory);
  }
  if (steps.empty()) return std::nullopt;
  throw ModelError(run_directory.string() + ": no checkpoint can be continued:" + problems +
                   "\nremove them or choose another output_dir to start anew");
}

void remove_old_checkpoints(const fs::path& run_directory, std::int64_t keep, std::int64_t best_step) {
  const std::vector<std::int64_t> steps = checkpoint_steps(run_directory);
  const auto count = static_cast<std::int64_t>(steps.size());
  for (std::int64_t i = 0; i < count - keep; ++i)
    if (steps[i] != best_step) remove_checkpoint(run_directory, steps[i]);
  remove_leftovers(run_directory);
}

std::optional<fs::path> find_best_checkpoint(const fs::path& run_directory) {
  const fs::path file = run_directory / "trainer_state.json";
  if (!fs::exists(file)) return std::nullopt;
  const RunState state = RunState::from_json(read_json_file(file.string(), ExitCode::kModel), file.string());
  const fs::path best = run_directory / checkpoint_name(state.best_step);
  if (!fs::is_directory(best))
    throw ModelError(file.string() + ": the best checkpoint " + best.string() + " is missing");
  return best;
}

}  // namespace llmtool
