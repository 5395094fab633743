#pragma once

#include <filesystem>

#include "llmtool/core/temporary_path.h"

namespace llmtool {

// A folder below TMPDIR for the files of one command, removed with everything in it at the end of the scope.
class ScratchDirectory {
 public:
  // Throws ResourceError.
  ScratchDirectory();

  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryPath folder_;
};

}  // namespace llmtool
