#include "llmtool/core/model_file.h"

#include <system_error>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Also of a file that grows while it is read.
[[noreturn]] void fail_too_large(const fs::path& path, std::size_t limit) {
  throw ModelError({path.string(), 0, 0}, "has more than " + std::to_string(limit) +
                                              " bytes, the most that is read of such a file; it is damaged, or no file "
                                              "of this kind");
}

void require_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status)) return;
  const char* kind = fs::is_fifo(status) ? "a FIFO" : fs::is_socket(status) ? "a socket" : "a device";
  throw ModelError({path.string(), 0, 0}, std::string("is ") + kind + ", not a file; put the file itself there");
}

}  // namespace

void refuse_git_lfs_pointer(std::string_view content, const std::string& file) {
  if (content.starts_with("version https://git-lfs.github.com/spec/"))
    throw ModelError({file, 0, 0},
                     "this is a Git LFS pointer, not the file itself; fetch the real file (git lfs pull)");
}

std::string read_model_file(const fs::path& path, std::size_t limit) {
  require_file(path);
  std::string content = read_file(path, limit + 1);
  if (content.size() > limit) fail_too_large(path, limit);
  refuse_git_lfs_pointer(content, path.string());
  return content;
}

}  // namespace llmtool
