#pragma once

#include <filesystem>
#include <optional>

#include "llmtool/core/json.h"

namespace llmtool {

// The folder of a run, held exclusively while the object lives. The state of a run is told by its files:
// llmtool.lock.json says what is run, config.json, written last, that it has ended.
class RunDirectory {
 public:
  enum class State { kEmpty, kUnfinished, kFinished };

  // Creates the folder where it is missing and locks it. Throws ResourceError: in use by another process, not writable,
  // or holding files that no run of llmtool wrote.
  explicit RunDirectory(std::filesystem::path path);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  State state() const;

  // Removes what a run wrote but its log, nothing else.
  void clear();

 private:
  void release();

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace llmtool
