#include "llmtool/training/checkpoint_directory.h"

#include <algorithm>
#include <charconv>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;

}  // namespace

void write_manifest(const fs::path& directory) {
  FileDigests digests;
  for (const fs::path& file : files_below(directory)) digests[file.generic_string()] = digest_of_file(directory / file);
  const Json manifest{{"format", kFormat}, {"files", to_json(digests)}};
  write_file_atomically(directory / kManifestName, to_json_text(manifest, 2) + "\n");
}

FileDigests read_manifest(const fs::path& directory, std::span<const std::string_view> required) {
  const Json manifest = read_json_file((directory / kManifestName).string(), ExitCode::kModel);
  if (!manifest.is_object() || !manifest.contains("files"))
    throw ModelError(std::string(kManifestName) + " is not a manifest");
  if (manifest.value("format", Json()) != Json(kFormat))
    throw ModelError(std::string(kManifestName) + " was written by another version of llmtool");
  FileDigests digests = file_digests_from_json(manifest["files"], kManifestName);
  if (digests.empty()) throw ModelError(std::string(kManifestName) + " lists no files");
  for (const std::string_view name : required)
    if (!digests.contains(std::string(name)))
      throw ModelError(std::string(kManifestName) + " does not list " + std::string(name));
  return digests;
}

std::optional<std::string> find_damage(const fs::path& directory, std::span<const std::string_view> required) {
  try {
    for (CheckedFile& file : check_files(directory, read_manifest(directory, required)))
      if (file.state != FileState::kOk) return std::move(file.problem);
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kDamagedSuffix = ".damaged";

// Under its final name a checkpoint is whole or not there: it is renamed before its files go one by one.
void remove_checkpoint(const fs::path& directory) {
  const fs::path doomed = directory.parent_path() / ("." + directory.filename().string() + ".tmp-removed");
  remove_tree(doomed);
  rename_path(directory, doomed);
  remove_tree(doomed);
}

void remove_leftovers(const fs::path& run_directory) {
  for (const std::string& name : names_in_folder(run_directory))
    if (step_of_checkpoint(temporary_base_name(name))) remove_tree(run_directory / name);
}

void set_aside(const fs::path& directory) {
  const fs::path aside = directory.string() + std::string(kDamagedSuffix);
  remove_tree(aside);
  rename_path(directory, aside);
}

}  // namespace

std::string checkpoint_name(std::int64_t step) { return std::string(kPrefix) + std::to_string(step); }

std::optional<std::int64_t> step_of_checkpoint(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::int64_t step = -1;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (error != std::errc() || stop != end || step < 0 || checkpoint_name(step) != name) return std::nullopt;
  return step;
}

bool is_own_checkpoint(const fs::path& directory) {
  return is_folder(directory) &&
         (name_exists(directory / kManifestName) || name_exists(directory / "random_state.safetensors"));
}

std::vector<std::int64_t> checkpoint_steps(const fs::path& run_directory) {
  std::vector<std::int64_t> steps;
  if (!is_folder(run_directory)) return steps;
  for (const std::string& name : names_in_folder(run_directory))
    if (const auto step = step_of_checkpoint(name); step && is_own_checkpoint(run_directory / name))
      steps.push_back(*step);
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::optional<std::int64_t> find_newest_checkpoint(const fs::path& run_directory, EventSink& events) {
  const std::vector<std::int64_t> steps = checkpoint_steps(run_directory);
  std::vector<fs::path> damaged;
  std::string problems;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const fs::path directory = run_directory / checkpoint_name(*step);
    const auto damage = find_damage(directory, kCheckpointFiles);
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

void remove_old_checkpoints(const fs::path& run_directory, std::int64_t keep, std::int64_t best_step,
                            EventSink& events) {
  try {
    const std::vector<std::int64_t> steps = checkpoint_steps(run_directory);
    const auto count = static_cast<std::int64_t>(steps.size());
    for (std::int64_t i = 0; i < count - keep; ++i)
      if (steps[i] != best_step) remove_checkpoint(run_directory / checkpoint_name(steps[i]));
    remove_leftovers(run_directory);
  } catch (const ResourceError& error) {
    events.warning(std::string("an old checkpoint stays: ") + error.what());
  }
}

void remove_all_checkpoints(const fs::path& run_directory) {
  for (const std::string& name : names_in_folder(run_directory)) {
    std::string_view checkpoint = name;
    if (checkpoint.ends_with(kDamagedSuffix)) checkpoint.remove_suffix(kDamagedSuffix.size());
    if (step_of_checkpoint(checkpoint) && is_own_checkpoint(run_directory / name))
      remove_checkpoint(run_directory / name);
  }
}

}  // namespace llmtool
