#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace llmtool {

// A name under which something lies only while it is worked on. What lies there goes with the object, and also when
// the process is ended by remove_temporary_paths(). The constructor creates nothing.
class TemporaryPath {
 public:
  explicit TemporaryPath(std::filesystem::path path);
  ~TemporaryPath();
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Runs `create`, which makes what lies at `path`, never while remove_temporary_paths() is at work; null, and the path
  // is not ours, when it says that it did not.
  static std::unique_ptr<TemporaryPath> create(std::filesystem::path path, const std::function<bool()>& create);

  // Runs `rename`, which gives what lies here its lasting name, never while remove_temporary_paths() is at work: what
  // gets its name is whole.
  void publish(const std::function<void()>& rename) const;

 private:
  struct Registered {};
  TemporaryPath(std::filesystem::path path, Registered) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

// Removes what lies under every such name. The process must end right behind: who publishes, or drops a name, waits
// for ever. Not for signal handlers.
void remove_temporary_paths();

// ".NAME.tmp-MACHINE-PROCESS" beside `path`, so that a rename stays within one file system.
std::filesystem::path temporary_sibling(const std::filesystem::path& path);
// Whether a name is of that kind, and the NAME in it; "" when it is not.
std::string_view temporary_base_name(std::string_view name);

// Removes what processes of this machine that have ended left under such names, or under those of one NAME, in a folder
// that others may be using. Of another machine's, what is a day old. A folder that cannot be listed is left alone.
void remove_abandoned_temporaries(const std::filesystem::path& folder, std::string_view base = {});

// A folder below TMPDIR for the files of one command, removed with everything in it at the end of the scope.
class ScratchDirectory {
 public:
  // Throws ResourceError.
  ScratchDirectory();

  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryPath folder_;
};

// A file that appears under its name whole or not at all: written without a name where the file system can do that,
// else beside it, and flushed to disk before it gets its name. So nothing is left of one that is dropped without
// commit(), however the process ends. What it replaces hands on its permissions, and its owner where that is allowed;
// a link stays, and the file it names is made or replaced. All members throw ResourceError with the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void write(const void* bytes, std::size_t size);
  void commit();

 private:
  int open_temporary();  // returns its descriptor
  void publish() const;
  void publish_unnamed() const;
  void publish_copy() const;
  void close();

  std::filesystem::path path_;
  bool is_in_place_;                        // a device or a pipe
  std::optional<TemporaryPath> temporary_;  // where there are no files without a name
  std::FILE* stream_ = nullptr;
};

// The whole content in one call.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Makes a directory whole or not at all: `fill` writes into a temporary sibling, which is then renamed to `path`.
// An existing `path` is replaced; behind a link, the directory it names. Throws ResourceError.
void write_directory_atomically(const std::filesystem::path& path,
                                const std::function<void(const std::filesystem::path&)>& fill);

// Reads a whole file as bytes, or its first `limit`. Throws ResourceError that says why (missing, a folder, not
// permitted).
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::string::npos);

// Copies one file. Throws ResourceError.
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

// Creates a directory and its parents, and proves that files can be written there. Throws ResourceError.
void require_writable_directory(const std::filesystem::path& path);

}  // namespace llmtool
