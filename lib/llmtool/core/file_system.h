#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace llmtool {

// What the code asks of the file system and does to it, instead of std::filesystem's functions that throw its own
// errors. What is not there, or lies below a file, is told by the result; what cannot be looked at or done (a folder
// that is not permitted, a loop of links, a name too long, a failing disk) is a ResourceError of one line.

bool path_exists(const std::filesystem::path& path);
// Also true of a link that leads nowhere.
bool name_exists(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);
bool is_empty_folder(const std::filesystem::path& path);
// Nothing where there is no regular file.
std::optional<std::uintmax_t> regular_file_size(const std::filesystem::path& path);
// Of everything in a folder, in the order of code units.
std::vector<std::string> names_in_folder(const std::filesystem::path& folder);
// Regular files in it and in the folders below it, relative to it, sorted.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);
std::filesystem::path absolute_path(const std::filesystem::path& path);

// With its parents; one that is there already is left alone.
void create_folders(const std::filesystem::path& folder);
// What is not there counts as removed.
void remove_file(const std::filesystem::path& path);
void remove_tree(const std::filesystem::path& path);
void rename_path(const std::filesystem::path& from, const std::filesystem::path& to);

// The path that a link, or a chain of links, leads to, also where nothing is there yet; any other path itself. Throws
// ResourceError for a loop.
std::filesystem::path link_target(const std::filesystem::path& path);

// False for what gives its content only once: a pipe, a device, standard input ("-"). True for a file, also a missing
// one: opening it will say what is wrong.
bool can_be_read_again(const std::filesystem::path& path);

// Absolute, as the system resolves it: without links as far as the path exists; a link that leads nowhere yet is
// followed to where it leads.
std::filesystem::path resolved_path(const std::filesystem::path& path);

// Where `path` lies in `folder`, both resolved: "a/b", or "" for the folder itself; nothing when it lies elsewhere.
std::optional<std::filesystem::path> place_in(const std::filesystem::path& folder, const std::filesystem::path& path);

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
