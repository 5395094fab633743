#include "llmtool/commands/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "llmtool/commands/model_files.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockFile = ".llmtool-in-use";
constexpr std::string_view kLogFile = "run.log";

constexpr std::array<std::string_view, 9> kRunFiles = {"config.json",        "model.safetensors", "README.md",
                                                       "llmtool.lock.json",  "all_results.json",  "eval_results.json",
                                                       "trainer_state.json", "metrics.jsonl",     kLogFile};

bool is_run_entry(const std::string& name) {
  for (const std::string_view file : kRunFiles)
    if (name == file) return true;
  for (const std::string_view file : side_file_names())
    if (name == file.substr(0, file.find('/'))) return true;
  return name == kLockFile || name.starts_with("checkpoint-") || name.starts_with("events.out.tfevents.") ||
         (name.starts_with(".") && name.find(".tmp-") != std::string::npos);
}

// The file another run removed when it ended is no lock any more, though its descriptor can still be locked.
bool is_current(int descriptor, const fs::path& path) {
  struct stat held {};
  struct stat present {};
  return fstat(descriptor, &held) == 0 && stat(path.c_str(), &present) == 0 && held.st_ino == present.st_ino;
}

// What a run writes before its record, llmtool.lock.json: a folder with nothing else is as good as empty.
bool precedes_record(const std::string& name) {
  return name == kLockFile || name == kLogFile || name.find(".tmp-") != std::string::npos;
}

int take_lock(const fs::path& directory) {
  const fs::path path = directory / kLockFile;
  while (true) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
      throw ResourceError("cannot write in the output folder " + directory.string() + ": " + std::strerror(errno));
    const bool locked = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (locked && is_current(descriptor, path)) return descriptor;
    close(descriptor);
    if (!locked)
      throw ResourceError("the output folder " + directory.string() +
                          " is in use by another run; wait for it to end or choose another output_dir");
  }
}

}  // namespace

RunDirectory::RunDirectory(fs::path path) : path_(std::move(path)) {
  require_writable_directory(path_);
  lock_ = take_lock(path_);
  const bool has_run = fs::exists(path_ / "llmtool.lock.json");
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (has_run || precedes_record(entry.path().filename().string())) continue;
    release();
    throw ResourceError("the output folder " + path_.string() + " holds files that no run of llmtool wrote (" +
                        entry.path().filename().string() + "); choose another output_dir or an empty folder");
  }
}

RunDirectory::~RunDirectory() { release(); }

void RunDirectory::release() {
  std::error_code ignored;
  fs::remove(path_ / kLockFile, ignored);
  close(lock_);
}

RunDirectory::State RunDirectory::state() const {
  if (!fs::exists(path_ / "llmtool.lock.json")) return State::kEmpty;
  return fs::exists(path_ / "config.json") ? State::kFinished : State::kUnfinished;
}

void RunDirectory::clear() {
  // config.json first: without it nobody takes what is left for a finished model. The lock file stays held, and the log
  // of the run that begins has lines already.
  fs::remove(path_ / "config.json");
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (name != kLockFile && name != kLogFile && is_run_entry(name)) fs::remove_all(entry.path());
  }
}

}  // namespace llmtool
