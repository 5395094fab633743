#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace llmtool {

// A path with what the command line or config calls it: "--output", "data.train".
struct NamedPath {
  std::string name;
  std::filesystem::path path;
};

// What a command reads and writes. "-" is the standard stream, "" no path.
struct CommandPaths {
  std::vector<NamedPath> inputs;   // files
  std::vector<NamedPath> folders;  // read whole, such as a model
  std::vector<NamedPath> outputs;  // files or folders
};

// Throws UsageError when an output is an input or a folder that is read, holds one of them, lies in such a folder, or
// is another output, or a file that such a folder has by a link. Paths are compared as the system resolves them:
// through links (also one that leads nowhere yet), other spellings and hard links. Devices and pipes may be named
// several times.
void require_distinct_paths(const CommandPaths& paths);

}  // namespace llmtool
