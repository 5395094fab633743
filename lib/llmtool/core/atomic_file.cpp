#include "llmtool/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* action, const fs::path& path, int error_number) {
  std::string message = std::string("cannot ") + action + " " + path.string() + ": " + std::strerror(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT) message += "; free some space or choose another output folder";
  if (error_number == EFBIG) message += "; raise the limit for the size of a file (ulimit -f)";
  throw ResourceError(message);
}

// A rename would put a file in the place of a device or a pipe, such as /dev/null.
bool is_device_or_pipe(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// Not every file system can flush a directory, and not every directory that can be written to can be opened.
bool is_no_failure_to_flush(int error_number) {
  return error_number == EINVAL || error_number == EOPNOTSUPP || error_number == ENOSYS || error_number == EROFS;
}

// A name is durable only when its directory has reached the disk.
void sync_directory(const fs::path& directory) {
  const int descriptor = open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EACCES) return;
    fail("flush to disk the folder", directory, errno);
  }
  const int reason = fsync(descriptor) == 0 || is_no_failure_to_flush(errno) ? 0 : errno;
  close(descriptor);
  if (reason != 0) fail("flush to disk the folder", directory, reason);
}

// Renames a directory to `path`, whose old content then lies under the former name: a process killed meanwhile leaves
// one or the other. On a file system that cannot exchange names there is none for a moment.
void exchange(const fs::path& directory, const fs::path& path) {
  if (renameat2(AT_FDCWD, directory.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) return;
  if (!name_exists(path)) return rename_path(directory, path);
  fs::path old = directory;
  old += "-old";
  rename_path(path, old);
  try {
    rename_path(directory, path);
  } catch (const ResourceError&) {
    rename_path(old, path);
    throw;
  }
  remove_tree(old);
}

std::string descriptor_path(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

// A file without a name in the folder, which linkat() can give one; -1 where that cannot be.
int open_unnamed(const fs::path& folder) {
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  if (descriptor < 0 || access(descriptor_path(descriptor).c_str(), F_OK) == 0) return descriptor;
  close(descriptor);  // there is no /proc
  return -1;
}

int open_anew(const fs::path& path) {
  unlink(path.c_str());
  return open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

// What cannot be handed on (another's file, a file system without permissions) is as for a new file.
void hand_on_permissions(const fs::path& from, int descriptor) {
  struct stat status {};
  if (stat(from.c_str(), &status) != 0) return;
  [[maybe_unused]] const bool is_owner_kept =
      fchown(descriptor, status.st_uid, status.st_gid) == 0 || fchown(descriptor, -1, status.st_gid) == 0;
  fchmod(descriptor, status.st_mode & 0777);
}

void hand_on_folder_permissions(const fs::path& from, const fs::path& to) {
  const int descriptor = open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  hand_on_permissions(from, descriptor);
  close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(fs::path path) : path_(link_target(path)), is_in_place_(is_device_or_pipe(path_)) {
  std::error_code error;
  if (fs::is_directory(path_, error)) fail("write", path_, EISDIR);
  if (is_in_place_) {
    stream_ = std::fopen(path_.c_str(), "wbe");
  } else {
    stream_ = fdopen(open_temporary(), "wb");
  }
  if (stream_ == nullptr) fail("write", path_, errno);
}

int AtomicFile::open_temporary() {
  int descriptor = open_unnamed(path_.parent_path());
  if (descriptor < 0) {
    remove_abandoned_temporaries(path_.parent_path(), path_.filename().string());
    temporary_.emplace(temporary_sibling(path_));
    descriptor = open_anew(temporary_->path());
  }
  if (descriptor < 0) fail("write", path_, errno);
  hand_on_permissions(path_, descriptor);
  return descriptor;
}

AtomicFile::~AtomicFile() {
  if (stream_ != nullptr) std::fclose(stream_);
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  if (size > 0 && std::fwrite(bytes, 1, size, stream_) != size) fail("write", path_, errno);
}

void AtomicFile::write(std::string_view bytes) { write(bytes.data(), bytes.size()); }

void AtomicFile::commit() {
  if (std::fflush(stream_) != 0) fail("write", path_, errno);
  if (is_in_place_) return;
  if (fsync(fileno(stream_)) != 0) fail("write", path_, errno);
  if (temporary_) close();  // a network file system may tell only now that it failed
  publish();
  if (stream_ != nullptr) close();
  temporary_.reset();
  sync_directory(path_.parent_path());
}

void AtomicFile::close() {
  const int closed = std::fclose(stream_);
  stream_ = nullptr;
  if (closed != 0) fail("write", path_, errno);
}

void AtomicFile::publish() const {
  if (!temporary_) return publish_unnamed();
  temporary_->publish([this] {
    if (std::rename(temporary_->path().c_str(), path_.c_str()) != 0) fail("write", path_, errno);
  });
}

// A link cannot replace what has the name, so there the file gets a temporary one for the moment of a rename.
void AtomicFile::publish_unnamed() const {
  const std::string unnamed = descriptor_path(fileno(stream_));
  if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) == 0) return;
  if (errno != EEXIST) return publish_copy();
  const TemporaryPath beside(temporary_sibling(path_));
  bool is_linked = true;
  beside.publish([&] {
    unlink(beside.path().c_str());
    is_linked = linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, beside.path().c_str(), AT_SYMLINK_FOLLOW) == 0;
    if (is_linked && std::rename(beside.path().c_str(), path_.c_str()) != 0) fail("write", path_, errno);
  });
  if (!is_linked) publish_copy();
}

// On a file system that makes files without a name, but no links.
void AtomicFile::publish_copy() const {
  const TemporaryPath beside(temporary_sibling(path_));
  std::FILE* copy = nullptr;
  const int descriptor = open_anew(beside.path());
  if (descriptor >= 0) copy = fdopen(descriptor, "wb");
  if (copy == nullptr) fail("write", path_, errno);
  hand_on_permissions(path_, descriptor);
  std::vector<char> piece(std::size_t{1} << 16);
  ssize_t size = 0;
  off_t offset = 0;
  while ((size = pread(fileno(stream_), piece.data(), piece.size(), offset)) > 0 &&
         std::fwrite(piece.data(), 1, static_cast<std::size_t>(size), copy) == static_cast<std::size_t>(size))
    offset += size;
  const bool is_whole = size == 0 && std::fflush(copy) == 0 && fsync(descriptor) == 0;
  const int reason = errno;
  const bool is_closed = std::fclose(copy) == 0;
  if (!is_whole || !is_closed) fail("write", path_, is_whole ? errno : reason);
  beside.publish([&] {
    if (std::rename(beside.path().c_str(), path_.c_str()) != 0) fail("write", path_, errno);
  });
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void write_directory_atomically(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  const fs::path target = link_target(path.has_filename() ? path : path.parent_path());
  remove_abandoned_temporaries(target.parent_path(), target.filename().string());
  const TemporaryPath temporary(temporary_sibling(target));
  std::error_code error;
  fs::remove_all(temporary.path(), error);
  fs::create_directories(temporary.path(), error);
  if (error) fail("create", path, error.value());
  fill(temporary.path());
  hand_on_folder_permissions(target, temporary.path());
  sync_directory(temporary.path());
  temporary.publish([&] { exchange(temporary.path(), target); });
  sync_directory(target.parent_path());
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
  const fs::path folder = link_target(path);
  std::error_code error;
  fs::create_directories(folder, error);
  if (path_exists(folder) && !is_folder(folder))
    throw ResourceError("cannot create the folder " + path.string() + ": a file of that name is in the way");
  if (error) fail("create the folder", path, error.value());
  constexpr std::size_t kMoreThanIsBuffered = std::size_t{1} << 16;
  AtomicFile probe(folder / "write-probe");
  probe.write(std::string(kMoreThanIsBuffered, 'x'));
}

}  // namespace llmtool
