#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/atomic_file.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {

// Keeps a folder for this process while the object lives, by a lock on a file in it. It goes when the process ends,
// however it ends.
class FolderLock {
 public:
  static constexpr const char* kFileName = ".llmtool-in-use";

  // Nothing when another process holds it. Throws ResourceError when the folder cannot be written to.
  static std::optional<FolderLock> take(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  // Why the folder is not kept for this process after all: its file system knows no locks. Empty when it is.
  const std::string& problem() const { return problem_; }

 private:
  FolderLock(int descriptor, std::unique_ptr<TemporaryPath> file, std::string problem);

  int descriptor_;
  std::string problem_;
  std::unique_ptr<TemporaryPath> file_;
};

inline constexpr std::string_view kRunLogName = "run.log";

// Whether a run may write, replace or delete what has this name in its folder.
bool is_run_name(std::string_view name);

// The folder of a run, held exclusively while the object lives. The state of a run is told by its files:
// llmtool.lock.json says what is run, config.json, written last, that it has ended.
class RunDirectory {
 public:
  enum class State { kEmpty, kUnfinished, kFinished };

  // Creates the folder where it is missing, locks it and removes what a killed run left half-written. Throws
  // ResourceError: in use by another process, not writable, or holding files that no run of llmtool wrote.
  explicit RunDirectory(std::filesystem::path path);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  State state() const;
  // Why another run could use the folder at the same time; empty when none can.
  const std::string& lock_problem() const { return lock_.problem(); }

  // Removes what a run wrote but its log and its record, nothing else. The record goes when that of the next run takes
  // its place: until then the same command can be run again, wherever this was interrupted.
  void clear();

 private:
  void require_own() const;
  void remove_leftovers() const;

  std::filesystem::path path_;
  FolderLock lock_;
};

// What a command finds in its run directory and may do there.
enum class RunStart { kNew, kContinue, kFinished };

// Decides by the files of an earlier run and the config asked for; `overwrite` removes them first. Throws ConfigError
// listing the differences when the folder holds a run of another config, UsageError when an unfinished run may not be
// continued (`resume` false).
RunStart begin_run(RunDirectory& directory, const RunConfig& asked, bool resume, bool overwrite);

// Throws ConfigError when data, tokenizer or weights have changed since the run that is continued began.
void require_same_run(const RunDirectory& directory, const RunRecord& asked);

}  // namespace llmtool
