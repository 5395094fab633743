#include "llmtool/core/distinct_paths.h"

#include <system_error>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/rereadable.h"
#include "llmtool/core/resolved_path.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

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
  const auto place = place_in(folder.path, path.path);
  return place && !place->empty();
}

// What may be named several times: nothing of it is lost.
bool is_stream(const fs::path& path) { return path.empty() || !can_be_read_again(path); }

// `standard` is what "-" stands for, which the shell may have made a file.
std::vector<ResolvedPath> resolve_all(const std::vector<NamedPath>& paths, const char* standard) {
  std::vector<ResolvedPath> all;
  for (const NamedPath& named : paths) {
    const fs::path path = named.path == "-" ? fs::path(standard) : named.path;
    if (!is_stream(path)) all.push_back({&named, resolved_path(path)});
  }
  return all;
}

std::string told(const ResolvedPath& path) { return path.named->name + " " + quote(path.named->path.string()); }

[[noreturn]] void refuse(const ResolvedPath& output, const std::string& what, const ResolvedPath& other) {
  throw UsageError(told(output) + " " + what + " " + told(other) + "; choose another path");
}

// Files of a folder that is read may lie elsewhere, by links.
void require_no_file_of(const ResolvedPath& folder, const ResolvedPath& output) {
  if (!is_folder(folder.path)) return;
  for (const fs::path& name : files_below(folder.path)) {
    const ResolvedPath file{folder.named, resolved_path(folder.path / name)};
    if (is_same(output, file)) refuse(output, "is a file of", folder);
    if (!lies_in(file, folder) && lies_in(file, output)) refuse(output, "holds a file of", folder);
  }
}

}  // namespace

void require_distinct_paths(const CommandPaths& paths) {
  const std::vector<ResolvedPath> inputs = resolve_all(paths.inputs, "/dev/stdin");
  const std::vector<ResolvedPath> folders = resolve_all(paths.folders, "/dev/null");
  const std::vector<ResolvedPath> outputs = resolve_all(paths.outputs, "/dev/stdout");
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    for (const ResolvedPath& input : inputs) {
      if (is_same(*output, input)) refuse(*output, "is the same file as", input);
      if (lies_in(input, *output)) refuse(*output, "holds", input);
      require_no_file_of(input, *output);
    }
    for (const ResolvedPath& folder : folders) {
      if (is_same(*output, folder)) refuse(*output, "is the same as", folder);
      if (lies_in(*output, folder)) refuse(*output, "lies in", folder);
      if (lies_in(folder, *output)) refuse(*output, "holds", folder);
      require_no_file_of(folder, *output);
    }
    for (auto other = outputs.begin(); other != output; ++other)
      if (is_same(*output, *other)) refuse(*output, "is the same file as", *other);
  }
}

}  // namespace llmtool
