#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "llmtool/core/temporary_path.h"

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

}  // namespace llmtool
