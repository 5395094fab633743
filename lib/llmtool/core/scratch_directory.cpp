#include "llmtool/core/scratch_directory.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

std::filesystem::path make_folder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  std::string pattern = (parent / "llmtool-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr)
    throw ResourceError("cannot create a folder for temporary files (" + pattern +
                        "): " + (error ? error.message() : std::strerror(errno)) +
                        "; set TMPDIR to a folder that can be written");
  return pattern;
}

}  // namespace

ScratchDirectory::ScratchDirectory() : folder_(make_folder()) {}

}  // namespace llmtool
