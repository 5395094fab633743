#include "llmtool/core/file_system.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "llmtool/core/atomic_file.h"
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

bool can_be_read_again(const std::filesystem::path& path) {
  std::error_code ignored;
  return path != "-" && !std::filesystem::is_other(path, ignored);
}

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

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error_number) {
  throw ResourceError("cannot read " + path.string() + ": " + std::strerror(error_number));
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  // Opening a named pipe would wait for somebody to write into it.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail(path, errno);
  struct stat status {};
  int reason = fstat(descriptor, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
  if (reason == 0 && !S_ISREG(status.st_mode)) {
    close(descriptor);
    throw ResourceError("cannot read " + path.string() + ": it is a device or a pipe, not a file");
  }
  if (reason == 0 && status.st_size > 0) {
    void* address = mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED) {
      reason = errno;
    } else {
      data_ = static_cast<const char*>(address);
      size_ = static_cast<std::size_t>(status.st_size);
    }
  }
  close(descriptor);
  if (reason != 0) fail(path, reason);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

void MappedFile::release_pages() const {
  if (data_ != nullptr) madvise(const_cast<char*>(data_), size_, MADV_DONTNEED);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

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
