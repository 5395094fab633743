#include "llmtool/core/resolved_path.h"

#include <algorithm>
#include <system_error>

#include "llmtool/core/link_target.h"

namespace llmtool {

namespace fs = std::filesystem;

fs::path resolved_path(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::weakly_canonical(fs::absolute(link_target(path), error), error);
  if (error) return path;
  if (!absolute.has_filename()) absolute = absolute.parent_path();  // "folder/" is folder
  return absolute;
}

std::optional<fs::path> place_in(const fs::path& folder, const fs::path& path) {
  const auto [in_folder, in_path] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  if (in_folder != folder.end()) return std::nullopt;
  fs::path place;
  for (auto part = in_path; part != path.end(); ++part) place /= *part;
  return place;
}

}  // namespace llmtool
