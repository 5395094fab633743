#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/temporary_path.h"

namespace llmtool {

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

// Creates a directory and its parents, and proves that files can be written there. Throws ResourceError.
void require_writable_directory(const std::filesystem::path& path);

}  // namespace llmtool
