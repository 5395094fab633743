#include "llmtool/core/file_system.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string_view action, const fs::path& path, const std::error_code& error) {
  throw ResourceError("cannot " + std::string(action) + " " + path.string() + ": " + error.message());
}

// libstdc++ tells a missing name by the type, as well as by an error.
fs::file_status checked(const fs::path& path, const fs::file_status& status, const std::error_code& error) {
  if (status.type() == fs::file_type::none) fail("look at", path, error);
  return status;
}

fs::file_status status_of(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return checked(path, status, error);
}

// A name below a file is not there, like any other.
void check_removal(const fs::path& path, const std::error_code& error) {
  if (error && error != std::errc::not_a_directory) fail("remove", path, error);
}

// Of a directory iterator, whose ++ throws as well.
template <class Iterator, class Visit>
void visit_folder(const fs::path& folder, const Visit& visit) {
  std::error_code error;
  Iterator entries(folder, error);
  for (; !error && entries != Iterator(); entries.increment(error)) visit(*entries);
  if (error) fail("list the folder", folder, error);
}

}  // namespace

bool path_exists(const fs::path& path) { return fs::exists(status_of(path)); }

bool name_exists(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  return fs::exists(checked(path, status, error));
}

bool is_folder(const fs::path& path) { return fs::is_directory(status_of(path)); }

bool is_empty_folder(const fs::path& path) { return is_folder(path) && names_in_folder(path).empty(); }

std::optional<std::uintmax_t> regular_file_size(const fs::path& path) {
  if (!fs::is_regular_file(status_of(path))) return std::nullopt;
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) fail("look at", path, error);
  return size;
}

std::vector<std::string> names_in_folder(const fs::path& folder) {
  std::vector<std::string> names;
  visit_folder<fs::directory_iterator>(
      folder, [&](const fs::directory_entry& entry) { names.push_back(entry.path().filename().string()); });
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  visit_folder<fs::recursive_directory_iterator>(folder, [&](const fs::directory_entry& entry) {
    if (fs::is_regular_file(status_of(entry.path()))) files.push_back(entry.path().lexically_relative(folder));
  });
  std::sort(files.begin(), files.end());
  return files;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (error) fail("find the folder that is worked in, for", path, error);
  return absolute;
}

void create_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("create the folder", folder, error);
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  check_removal(path, error);
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  check_removal(path, error);
}

void rename_path(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail("rename", from, error);
}

}  // namespace llmtool
