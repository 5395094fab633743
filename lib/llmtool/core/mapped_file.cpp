#include "llmtool/core/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
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

}  // namespace llmtool
