#pragma once

#include <filesystem>

namespace llmtool {

// A folder below TMPDIR for the files of one command, removed with everything in it at the end of the scope.
class ScratchDirectory {
 public:
  // Throws ResourceError.
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace llmtool
