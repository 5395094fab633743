#include "llmtool/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".tmp-";
// Of a replaced directory, where the file system cannot exchange names.
constexpr std::string_view kOldMark = "-old";
// So that the temporary name of a long one is not too long for the file system.
constexpr std::size_t kLongestBase = 200;
constexpr std::time_t kSecondsOfADay = 24 * 60 * 60;

struct Registry {
  std::timed_mutex mutex;
  std::vector<fs::path> paths;
};

// Never destroyed: the process may be ended while its last objects go.
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// Eight hexadecimal digits for the name of this machine, which may be too long for a part of a file's name.
std::string machine_mark() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(stable_hash(name.data()) & 0xffffffffU));
  return digits.data();
}

bool is_registered(const fs::path& path) {
  const std::lock_guard lock(registry().mutex);
  const auto& paths = registry().paths;
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

bool has_ended(pid_t process) { return process > 0 && kill(process, 0) != 0 && errno == ESRCH; }

bool is_a_day_old(const fs::path& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtime > kSecondsOfADay;
}

// What follows the mark is "MACHINE-PROCESS", of earlier versions "PROCESS".
bool is_abandoned(const fs::path& path) {
  const std::string name = path.filename().string();
  if (temporary_base_name(name).empty() || name.ends_with(kOldMark)) return false;
  const std::string_view owner = std::string_view(name).substr(name.rfind(kMark) + kMark.size());
  const std::size_t dash = owner.find('-');
  const std::string_view digits = dash == std::string_view::npos ? owner : owner.substr(dash + 1);
  pid_t process = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  if (dash == std::string_view::npos || owner.substr(0, dash) != machine_mark()) return is_a_day_old(path);
  return process == getpid() ? !is_registered(path) : has_ended(process);
}

}  // namespace

TemporaryPath::TemporaryPath(fs::path path) : path_(std::move(path)) {
  const std::lock_guard lock(registry().mutex);
  registry().paths.push_back(path_);
}

std::unique_ptr<TemporaryPath> TemporaryPath::create(fs::path path, const std::function<bool()>& create) {
  const std::lock_guard lock(registry().mutex);
  if (!create()) return nullptr;
  registry().paths.push_back(path);
  return std::unique_ptr<TemporaryPath>(new TemporaryPath(std::move(path), Registered{}));
}

// Removed before it is forgotten: a process that is ended in between removes it once more.
TemporaryPath::~TemporaryPath() {
  remove_quietly(path_);
  const std::lock_guard lock(registry().mutex);
  auto& paths = registry().paths;
  paths.erase(std::find(paths.begin(), paths.end(), path_));
}

void TemporaryPath::publish(const std::function<void()>& rename) const {
  const std::lock_guard lock(registry().mutex);
  rename();
}

void remove_temporary_paths() {
  // A rename that hangs, on a network file system that is gone, must not keep the process from ending.
  constexpr auto kLongestWait = std::chrono::milliseconds(500);
  if (!registry().mutex.try_lock_for(kLongestWait)) return;
  // Twice: another thread may have been writing into a folder while it was removed.
  for (int round = 0; round < 2; ++round)
    for (const fs::path& path : registry().paths) remove_quietly(path);
}

fs::path temporary_sibling(const fs::path& path) {
  const std::string base = path.filename().string().substr(0, kLongestBase);
  return path.parent_path() / ("." + base + std::string(kMark) + machine_mark() + "-" + std::to_string(getpid()));
}

std::string_view temporary_base_name(std::string_view name) {
  const std::size_t mark = name.rfind(kMark);
  return name.starts_with('.') && mark != std::string_view::npos ? name.substr(1, mark - 1) : std::string_view();
}

void remove_abandoned_temporaries(const fs::path& folder, std::string_view base) {
  std::error_code ignored;
  fs::directory_iterator entry(folder.empty() ? "." : folder, ignored);
  std::vector<fs::path> abandoned;
  for (; !ignored && entry != fs::directory_iterator(); entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if ((base.empty() || temporary_base_name(name) == base) && is_abandoned(entry->path()))
      abandoned.push_back(entry->path());
  }
  for (const fs::path& path : abandoned) remove_quietly(path);
}

namespace {

std::filesystem::path make_folder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  std::string pattern = (parent / "llmtool-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr)
    throw ResourceError("cannot create a folder for temporary files (" + pattern +
                        "): " + (error ? error.message() : std::strerror(errno)) +
                        "; set TMPDIR to a folder that can be written");
  return pattern;
}

}  // namespace

ScratchDirectory::ScratchDirectory() : folder_(make_folder()) {}

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

void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to) {
  // In parts, each given back when it is written: weights would otherwise lie in memory once more.
  constexpr std::size_t kPartSize = 4 << 20;
  const MappedFile source(from);
  AtomicFile file(to);
  for (std::string_view rest = source.bytes(); !rest.empty(); rest.remove_prefix(std::min(kPartSize, rest.size()))) {
    file.write(rest.substr(0, kPartSize));
    source.release_pages();
  }
  file.commit();
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
