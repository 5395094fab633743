#include "llmtool/core/rereadable.h"

#include <system_error>

namespace llmtool {

bool can_be_read_again(const std::filesystem::path& path) {
  std::error_code ignored;
  return path != "-" && !std::filesystem::is_other(path, ignored);
}

}  // namespace llmtool
