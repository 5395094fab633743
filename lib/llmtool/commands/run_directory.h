#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/commands/folder_lock.h"

namespace llmtool {

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

}  // namespace llmtool
