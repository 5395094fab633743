#include "llmtool/core/link_target.h"

#include <cerrno>
#include <cstring>

#include "llmtool/core/errors.h"

namespace llmtool {

std::filesystem::path link_target(const std::filesystem::path& path) {
  constexpr int kMostLinks = 40;  // as Linux follows
  std::filesystem::path target = path;
  for (int followed = 0; followed < kMostLinks; ++followed) {
    std::error_code error;
    const std::filesystem::path next = std::filesystem::read_symlink(target, error);
    if (error) return target;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  throw ResourceError("cannot follow the link " + path.string() + ": " + std::strerror(ELOOP));
}

}  // namespace llmtool
