#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace llmtool {

// A file that appears under its name whole or not at all: written beside it, flushed to disk, then renamed.
// Dropping it without commit() removes the temporary file. All members throw ResourceError with the system's reason.
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
  std::filesystem::path path_;
  std::filesystem::path temporary_path_;
  std::FILE* stream_ = nullptr;
};

// The whole content in one call.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Makes a directory whole or not at all: `fill` writes into a temporary sibling, which is then renamed to `path`.
// An existing `path` is replaced. Throws ResourceError.
void write_directory_atomically(const std::filesystem::path& path,
                                const std::function<void(const std::filesystem::path&)>& fill);

// Reads a whole file as bytes, or its first `limit`. Throws ResourceError that says why (missing, a folder, not
// permitted).
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::string::npos);

// Creates a directory and its parents, and proves that files can be written there. Throws ResourceError.
void require_writable_directory(const std::filesystem::path& path);

}  // namespace llmtool
