#include "llmtool/core/distinct_paths.h"

#include <algorithm>
#include <system_error>

#include "llmtool/core/errors.h"
#include "llmtool/core/link_target.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Absolute, without links as far as the path exists; a link that leads nowhere yet is followed to where it leads.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::weakly_canonical(fs::absolute(link_target(path), error), error);
  if (error) return path;
  if (!absolute.has_filename()) absolute = absolute.parent_path();  // "folder/" is folder
  return absolute;
}

struct ResolvedPath {
  const NamedPath* named = nullptr;
  fs::path path;
};

bool is_same(const ResolvedPath& left, const ResolvedPath& right) {
  std::error_code error;  // what is not there is compared by its path
  return left.path == right.path || fs::equivalent(left.path, right.path, error);
}

// Whether `path` lies in `folder`, however deep.
bool lies_in(const ResolvedPath& path, const ResolvedPath& folder) {
  const auto end = std::mismatch(folder.path.begin(), folder.path.end(), path.path.begin(), path.path.end());
  return end.first == folder.path.end() && end.second != path.path.end();
}

// What may be named several times: nothing of it is lost.
bool is_stream(const fs::path& path) {
  std::error_code error;
  return path.empty() || path == "-" || fs::is_other(path, error);
}

std::vector<ResolvedPath> resolve_all(const std::vector<NamedPath>& paths) {
  std::vector<ResolvedPath> all;
  for (const NamedPath& named : paths)
    if (!is_stream(named.path)) all.push_back({&named, resolved(named.path)});
  return all;
}

std::string told(const ResolvedPath& path) { return path.named->name + " " + quote(path.named->path.string()); }

[[noreturn]] void refuse(const ResolvedPath& output, const std::string& what, const ResolvedPath& other) {
  throw UsageError(told(output) + " " + what + " " + told(other) + "; choose another path");
}

}  // namespace

void require_distinct_paths(const CommandPaths& paths) {
  const std::vector<ResolvedPath> inputs = resolve_all(paths.inputs);
  const std::vector<ResolvedPath> folders = resolve_all(paths.folders);
  const std::vector<ResolvedPath> outputs = resolve_all(paths.outputs);
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    for (const ResolvedPath& input : inputs) {
      if (is_same(*output, input)) refuse(*output, "is the same file as", input);
      if (lies_in(input, *output)) refuse(*output, "holds", input);
    }
    for (const ResolvedPath& folder : folders) {
      if (is_same(*output, folder)) refuse(*output, "is the same as", folder);
      if (lies_in(*output, folder)) refuse(*output, "lies in", folder);
      if (lies_in(folder, *output)) refuse(*output, "holds", folder);
    }
    for (auto other = outputs.begin(); other != output; ++other)
      if (is_same(*output, *other)) refuse(*output, "is the same file as", *other);
  }
}

}  // namespace llmtool
