#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

// A file mapped read-only. The bytes live as long as the object. Throws ResourceError when it cannot be opened or is
// no regular file.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::string_view bytes() const { return {data_, size_}; }
  // Gives back the memory of what was read so far; it is read from the file again when it is looked at again.
  void release_pages() const;

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

// The largest text file of a model folder that is read (config, tokenizer, vocabulary): several times what the largest
// vocabularies in use take.
inline constexpr std::size_t kLargestModelFile = std::size_t{128} << 20;

// Throws ModelError for what stands in a clone of a repository in place of a file that Git LFS has not fetched.
void refuse_git_lfs_pointer(std::string_view content, const std::string& file);

// Reads a whole file of a model folder as bytes. Throws ResourceError as read_file() does, and ModelError for what is
// no file (a FIFO or a device, which would block or never end), for more than `limit` bytes, and for a Git LFS pointer.
std::string read_model_file(const std::filesystem::path& path, std::size_t limit = kLargestModelFile);

}  // namespace llmtool
