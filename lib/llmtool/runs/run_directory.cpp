#include "llmtool/runs/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/inference/model_files.h"
#include "llmtool/runs/run_verification.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/training/checkpoint_directory.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

enum class Outcome { kLocked, kHeldByAnother, kNotPossible };

Outcome outcome_of(int result) {
  if (result == 0) return Outcome::kLocked;
  return errno == EWOULDBLOCK ? Outcome::kHeldByAnother : Outcome::kNotPossible;
}

Outcome lock_whole_file(int descriptor) {
  int result = 0;
  do result = flock(descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return outcome_of(result);
}

// Some network file systems have only these.
Outcome lock_by_record(int descriptor) {
  struct flock record {};
  record.l_type = F_WRLCK;
  record.l_whence = SEEK_SET;
  const int result = fcntl(descriptor, F_OFD_SETLK, &record);
  if (result != 0 && errno == EACCES) return Outcome::kHeldByAnother;  // as POSIX allows
  return outcome_of(result);
}

Outcome lock(int descriptor, std::string& problem) {
  const Outcome outcome = lock_whole_file(descriptor);
  if (outcome != Outcome::kNotPossible) return outcome;
  problem = std::strerror(errno);
  const Outcome second = lock_by_record(descriptor);
  if (second == Outcome::kLocked) problem.clear();
  return second;
}

// The file another run removed when it ended is no lock any more, though its descriptor can still be locked.
bool is_current(int descriptor, const fs::path& path) {
  struct stat held {};
  struct stat present {};
  return fstat(descriptor, &held) == 0 && stat(path.c_str(), &present) == 0 && held.st_ino == present.st_ino &&
         held.st_dev == present.st_dev;
}

}  // namespace

std::optional<FolderLock> FolderLock::take(const fs::path& folder) {
  const fs::path file = folder / kFileName;
  while (true) {
    int descriptor = -1;
    std::string problem;
    Outcome outcome = Outcome::kNotPossible;
    // A signal that ends the process finds no file, or one that it removes.
    auto ours = TemporaryPath::create(file, [&] {
      descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
      if (descriptor < 0)
        throw ResourceError("cannot write in the output folder " + folder.string() + ": " + std::strerror(errno));
      outcome = lock(descriptor, problem);
      return outcome != Outcome::kHeldByAnother && is_current(descriptor, file);
    });
    if (ours) return FolderLock(descriptor, std::move(ours), problem);
    close(descriptor);
    if (outcome == Outcome::kHeldByAnother) return std::nullopt;
  }
}

FolderLock::FolderLock(int descriptor, std::unique_ptr<TemporaryPath> file, std::string problem)
    : descriptor_(descriptor), problem_(std::move(problem)), file_(std::move(file)) {}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      problem_(std::move(other.problem_)),
      file_(std::move(other.file_)) {}

// The file goes before the lock, so that nobody can hold a file that goes.
FolderLock::~FolderLock() {
  file_.reset();
  if (descriptor_ >= 0) close(descriptor_);
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWriteProbe = "write-probe";

constexpr std::array<std::string_view, 7> kRunFiles = {"config.json",      "model.safetensors", "README.md",
                                                       "all_results.json", "eval_results.json", "trainer_state.json",
                                                       "metrics.jsonl"};

// What clear() removes from the folder itself.
bool is_run_file(std::string_view name) {
  for (const std::string_view file : kRunFiles)
    if (name == file) return true;
  for (const std::string_view file : side_file_names())
    if (name == file) return true;
  return name.starts_with("events.out.tfevents.");
}

// What a run writes before its record, llmtool.lock.json: a folder with nothing else is as good as empty.
bool precedes_record(std::string_view name) { return name == FolderLock::kFileName || name == kRunLogName; }

bool is_checkpoint_name(std::string_view name) {
  constexpr std::string_view kPrefix = "checkpoint-";
  return name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
         name.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

// What is not whole yet, of a process that is no more: nobody else writes while the folder is locked.
bool is_leftover(std::string_view name) {
  const std::string_view base = temporary_base_name(name);
  return is_run_file(base) || base == kRunRecordName || base == kWriteProbe || is_checkpoint_name(base);
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// Folders that side files lie in: "1_Pooling".
std::set<fs::path> side_folders() {
  std::set<fs::path> folders;
  for (const fs::path file : side_file_names())
    if (file.has_parent_path()) folders.insert(file.parent_path());
  return folders;
}

// The part of a side file that stands in the run's folder itself.
bool is_side_folder(std::string_view name) {
  for (const fs::path& folder : side_folders())
    if (*folder.begin() == name) return true;
  return false;
}

FolderLock take_lock(const fs::path& path) {
  require_writable_directory(path);
  if (auto lock = FolderLock::take(path)) return std::move(*lock);
  throw ResourceError("the output folder " + path.string() +
                      " is in use by another run; wait for it to end or choose another output_dir");
}

}  // namespace

bool is_run_name(std::string_view name) {
  constexpr std::string_view kDamagedSuffix = ".damaged";
  std::string_view checkpoint = name;
  if (name.ends_with(kDamagedSuffix)) checkpoint.remove_suffix(kDamagedSuffix.size());
  return is_run_file(name) || precedes_record(name) || name == kRunRecordName || is_checkpoint_name(checkpoint) ||
         is_side_folder(name) || is_leftover(name);
}

RunDirectory::RunDirectory(fs::path path) : path_(std::move(path)), lock_(take_lock(path_)) {
  remove_leftovers();
  require_own();
}

RunDirectory::~RunDirectory() {
  try {
    remove_leftovers();
  } catch (const ResourceError&) {
    // The next run tries again.
  }
}

void RunDirectory::require_own() const {
  if (state() != State::kEmpty) return;
  if (is_run_without_record(path_))
    throw ResourceError("the output folder " + path_.string() + " holds a run whose record, " + kRunRecordName +
                        ", is lost; " + kWithoutRecord);
  for (const std::string& name : names_in_folder(path_))
    if (!precedes_record(name))
      throw ResourceError("the output folder " + path_.string() + " holds files that no run of llmtool wrote (" + name +
                          "); choose another output_dir or an empty folder");
}

void RunDirectory::remove_leftovers() const {
  for (const std::string& name : names_in_folder(path_))
    if (is_leftover(name)) remove_quietly(path_ / name);
  for (const fs::path& folder : side_folders()) {
    if (!is_folder(path_ / folder)) continue;
    for (const std::string& name : names_in_folder(path_ / folder))
      if (!temporary_base_name(name).empty()) remove_quietly(path_ / folder / name);
  }
}

RunDirectory::State RunDirectory::state() const {
  if (!path_exists(path_ / kRunRecordName)) return State::kEmpty;
  return path_exists(path_ / "config.json") ? State::kFinished : State::kUnfinished;
}

void RunDirectory::clear() {
  // config.json first: without it nobody takes what is left for a finished model.
  remove_file(path_ / "config.json");
  remove_all_checkpoints(path_);
  for (const std::string& name : names_in_folder(path_))
    if (is_run_file(name)) remove_file(path_ / name);
  for (const std::string_view file : side_file_names()) remove_file(path_ / file);
  for (const fs::path& folder : side_folders())
    if (is_empty_folder(path_ / folder)) remove_file(path_ / folder);
}

namespace {

// A damaged record is not taken for that of another run.
void require_whole_record(const std::filesystem::path& run_directory) {
  try {
    read_recorded_outputs(run_directory);
  } catch (const ModelError& error) {
    throw ModelError(std::string(error.what()) + "; " + kAdviceOnRecord);
  }
}

[[noreturn]] void refuse(const RunDirectory& directory, const std::vector<std::string>& differences) {
  require_whole_record(directory.path());
  std::string message = "the output folder " + directory.path().string() + " holds another run; it differs in:";
  for (const std::string& difference : differences) message += "\n  " + difference;
  throw ConfigError(message + "\nChoose another output_dir, or delete that run with --overwrite.");
}

}  // namespace

RunStart begin_run(RunDirectory& directory, const RunConfig& asked, bool resume, bool overwrite) {
  if (overwrite || directory.state() == RunDirectory::State::kEmpty) return RunStart::kNew;
  const auto differences = describe_differences(read_run_record(directory.path()).config, asked);
  if (!differences.empty()) refuse(directory, differences);
  if (directory.state() == RunDirectory::State::kFinished) return RunStart::kFinished;
  if (!resume)
    throw UsageError("the output folder " + directory.path().string() +
                     " holds an unfinished run of this config; continue it without --resume never, or delete it with "
                     "--overwrite");
  return RunStart::kContinue;
}

void require_same_run(const RunDirectory& directory, const RunRecord& asked) {
  const auto differences = describe_differences(read_run_record(directory.path()), asked);
  if (!differences.empty()) refuse(directory, differences);
}

}  // namespace llmtool
