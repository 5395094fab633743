#include "llmtool/commands/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

enum class Outcome { kLocked, kHeldByAnother, kNotPossible };

Outcome outcome_of(int result) {
  if (result == 0) return Outcome::kLocked;
  return errno == EWOULDBLOCK ? Outcome::kHeldByAnother : Outcome::kNotPossible;
}

Outcome lock_whole_file(int descriptor) {
  int result = 0;
  do result = flock(descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return outcome_of(result);
}

// Some network file systems have only these.
Outcome lock_by_record(int descriptor) {
  struct flock record {};
  record.l_type = F_WRLCK;
  record.l_whence = SEEK_SET;
  const int result = fcntl(descriptor, F_OFD_SETLK, &record);
  if (result != 0 && errno == EACCES) return Outcome::kHeldByAnother;  // as POSIX allows
  return outcome_of(result);
}

Outcome lock(int descriptor, std::string& problem) {
  const Outcome outcome = lock_whole_file(descriptor);
  if (outcome != Outcome::kNotPossible) return outcome;
  problem = std::strerror(errno);
  const Outcome second = lock_by_record(descriptor);
  if (second == Outcome::kLocked) problem.clear();
  return second;
}

// The file another run removed when it ended is no lock any more, though its descriptor can still be locked.
bool is_current(int descriptor, const fs::path& path) {
  struct stat held {};
  struct stat present {};
  return fstat(descriptor, &held) == 0 && stat(path.c_str(), &present) == 0 && held.st_ino == present.st_ino &&
         held.st_dev == present.st_dev;
}

}  // namespace

std::optional<FolderLock> FolderLock::take(const fs::path& folder) {
  const fs::path file = folder / kFileName;
  while (true) {
    int descriptor = -1;
    std::string problem;
    Outcome outcome = Outcome::kNotPossible;
    // A signal that ends the process finds no file, or one that it removes.
    auto ours = TemporaryPath::create(file, [&] {
      descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
      if (descriptor < 0)
        throw ResourceError("cannot write in the output folder " + folder.string() + ": " + std::strerror(errno));
      outcome = lock(descriptor, problem);
      return outcome != Outcome::kHeldByAnother && is_current(descriptor, file);
    });
    if (ours) return FolderLock(descriptor, std::move(ours), problem);
    close(descriptor);
    if (outcome == Outcome::kHeldByAnother) return std::nullopt;
  }
}

FolderLock::FolderLock(int descriptor, std::unique_ptr<TemporaryPath> file, std::string problem)
    : descriptor_(descriptor), problem_(std::move(problem)), file_(std::move(file)) {}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      problem_(std::move(other.problem_)),
      file_(std::move(other.file_)) {}

// The file goes before the lock, so that nobody can hold a file that goes.
FolderLock::~FolderLock() {
  file_.reset();
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace llmtool
