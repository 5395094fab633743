// A library to preload: the calls named in FAILING_CALLS, "flock=37 unnamed=95", fail with these numbers of errors.
// `unnamed` is opening a file without a name, `sync_folder` flushing a folder to disk, `record_lock`
// fcntl(F_OFD_SETLK).
//
// With HANG_AT, flushing a file to disk whose path has that in it never ends; HANG_REACHED names a file that is made
// before.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

bool fails(const char* call) {
  const char* calls = std::getenv("FAILING_CALLS");
  const char* found = calls == nullptr ? nullptr : std::strstr(calls, call);
  if (found == nullptr) return false;
  errno = std::atoi(found + std::strlen(call) + 1);
  return true;
}

std::string path_of(int descriptor) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = readlink(link.c_str(), path, sizeof(path));
  return std::string(path, size < 0 ? 0 : static_cast<std::size_t>(size));
}

void hang_where_asked(int descriptor) {
  const char* place = std::getenv("HANG_AT");
  if (place == nullptr || path_of(descriptor).find(place) == std::string::npos) return;
  creat(std::getenv("HANG_REACHED"), 0666);
  while (true) pause();
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int flock(int descriptor, int operation) {
  return fails("flock") ? -1 : next<int(int, int)>("flock")(descriptor, operation);
}

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_OFD_SETLK && fails("record_lock")) return -1;
  return next<int(int, int, ...)>("fcntl")(descriptor, command, argument);
}

int fsync(int descriptor) {
  hang_where_asked(descriptor);
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode) && fails("sync_folder")) return -1;
  return next<int(int)>("fsync")(descriptor);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  if ((flags & O_TMPFILE) == O_TMPFILE && fails("unnamed")) return -1;
  return next<int(const char*, int, ...)>("open")(path, flags, mode);
}

int linkat(int old_folder, const char* old_path, int new_folder, const char* new_path, int flags) {
  if (fails("linkat")) return -1;
  return next<int(int, const char*, int, const char*, int)>("linkat")(old_folder, old_path, new_folder, new_path,
                                                                      flags);
}

}  // extern "C"
