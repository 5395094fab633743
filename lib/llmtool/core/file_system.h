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

}  // namespace llmtool
