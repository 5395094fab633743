#include "llmtool/core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* action, const fs::path& path, int error_number) {
  std::string message = std::string("cannot ") + action + " " + path.string() + ": " + std::strerror(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT) message += "; free some space or choose another output folder";
  throw ResourceError(message);
}

// Beside the target, so that the rename stays within one file system.
fs::path temporary_sibling(const fs::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".tmp-" + std::to_string(getpid()));
}

// A link stays what it is: the file it points to is replaced.
fs::path behind_link(fs::path path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path target = fs::canonical(path, error);
  return error ? path : target;
}

// A rename would put a file in the place of a device or a pipe, such as /dev/null.
bool is_device_or_pipe(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// A rename is durable only when its directory has reached the disk.
void sync_directory(const fs::path& directory) {
  const int descriptor = open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

// Renames a directory to `path`, whose old content goes only when the new one is there: a process killed meanwhile
// leaves one or the other. On a file system that cannot exchange names there is none for a moment.
void rename_replacing(const fs::path& directory, const fs::path& path) {
  fs::path old = directory;
  if (renameat2(AT_FDCWD, directory.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) {
    old += "-old";
    if (fs::exists(fs::symlink_status(path))) fs::rename(path, old);
    fs::rename(directory, path);
  }
  sync_directory(path.parent_path());
  fs::remove_all(old);
}

}  // namespace

AtomicFile::AtomicFile(fs::path path)
    : path_(behind_link(std::move(path))),
      temporary_path_(is_device_or_pipe(path_) ? path_ : temporary_sibling(path_)) {
  std::error_code error;
  if (fs::is_directory(path_, error)) fail("write", path_, EISDIR);
  stream_ = std::fopen(temporary_path_.c_str(), "wbe");
  if (stream_ == nullptr) fail("write", path_, errno);
}

AtomicFile::~AtomicFile() {
  if (stream_ == nullptr) return;
  std::fclose(stream_);
  std::error_code ignored;
  if (temporary_path_ != path_) fs::remove(temporary_path_, ignored);
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  if (size > 0 && std::fwrite(bytes, 1, size, stream_) != size) fail("write", path_, errno);
}

void AtomicFile::write(std::string_view bytes) { write(bytes.data(), bytes.size()); }

void AtomicFile::commit() {
  if (std::fflush(stream_) != 0) fail("write", path_, errno);
  if (temporary_path_ == path_) return;
  if (fsync(fileno(stream_)) != 0) fail("write", path_, errno);
  const int closed = std::fclose(stream_);
  stream_ = nullptr;
  if (closed != 0 || std::rename(temporary_path_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    std::error_code ignored;
    fs::remove(temporary_path_, ignored);
    fail("write", path_, reason);
  }
  sync_directory(path_.parent_path());
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void write_directory_atomically(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  const fs::path temporary = temporary_sibling(path);
  std::error_code error;
  fs::remove_all(temporary, error);
  fs::create_directories(temporary, error);
  if (error) fail("create", path, error.value());
  try {
    fill(temporary);
    sync_directory(temporary);
    rename_replacing(temporary, path);
  } catch (const fs::filesystem_error& filesystem_error) {
    fs::remove_all(temporary, error);
    fail("write", path, filesystem_error.code().value());
  } catch (...) {
    fs::remove_all(temporary, error);
    throw;
  }
}

std::string read_file(const fs::path& path, std::size_t limit) {
  std::error_code error;
  if (fs::is_directory(path, error)) fail("read", path, EISDIR);
  std::FILE* stream = std::fopen(path.c_str(), "rbe");
  if (stream == nullptr) fail("read", path, errno);
  std::string content;
  char buffer[1 << 16];
  std::size_t count = 0;
  while (content.size() < limit &&
         (count = std::fread(buffer, 1, std::min(sizeof(buffer), limit - content.size()), stream)) > 0)
    content.append(buffer, count);
  const bool failed = std::ferror(stream) != 0;
  const int reason = errno;
  std::fclose(stream);
  if (failed) fail("read", path, reason);
  return content;
}

void require_writable_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (fs::exists(path) && !fs::is_directory(path))
    throw ResourceError("cannot create the folder " + path.string() + ": a file of that name is in the way");
  if (error) fail("create the folder", path, error.value());
  AtomicFile probe(path / "write-probe");
  probe.write("x");
}

}  // namespace llmtool
