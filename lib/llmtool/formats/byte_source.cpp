#include "llmtool/formats/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/formats/gzip_source.h"

namespace llmtool {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";

class DescriptorSource : public ByteSource {
 public:
  DescriptorSource(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  ~DescriptorSource() override {
    if (descriptor_ != STDIN_FILENO) close(descriptor_);
  }
  std::size_t read(char* destination, std::size_t size) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, destination, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) throw ResourceError("cannot read " + name_ + ": " + std::strerror(errno));
    }
  }
  const std::string& name() const override { return name_; }

 private:
  int descriptor_;
  std::string name_;
};

class MemorySource : public ByteSource {
 public:
  MemorySource(std::string content, std::string name) : content_(std::move(content)), name_(std::move(name)) {}
  std::size_t read(char* destination, std::size_t size) override {
    const std::size_t count = std::min(size, content_.size() - position_);
    std::memcpy(destination, content_.data() + position_, count);
    position_ += count;
    return count;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string content_;
  std::size_t position_ = 0;
  std::string name_;
};

// Gives back bytes that were read to look at them, then the rest.
class PrefixedSource : public ByteSource {
 public:
  PrefixedSource(std::string prefix, std::unique_ptr<ByteSource> rest)
      : prefix_(std::move(prefix), rest->name()), rest_(std::move(rest)) {}
  std::size_t read(char* destination, std::size_t size) override {
    const std::size_t count = prefix_.read(destination, size);
    return count > 0 ? count : rest_->read(destination, size);
  }
  const std::string& name() const override { return rest_->name(); }

 private:
  MemorySource prefix_;
  std::unique_ptr<ByteSource> rest_;
};

std::unique_ptr<ByteSource> decompressed_if_gzip(std::unique_ptr<ByteSource> source) {
  std::string start(kGzipMagic.size(), '\0');
  std::size_t size = 0;
  while (size < start.size()) {
    const std::size_t count = source->read(start.data() + size, start.size() - size);
    if (count == 0) break;
    size += count;
  }
  start.resize(size);
  const bool is_gzip = start == kGzipMagic;
  if (!is_gzip && size > 0 && source->name().ends_with(".gz"))
    throw DataError(source->name() + ": named .gz, but its content is not gzip; download it again or rename it");
  auto whole = std::make_unique<PrefixedSource>(std::move(start), std::move(source));
  if (is_gzip) return std::make_unique<GzipSource>(std::move(whole));
  return whole;
}

std::unique_ptr<ByteSource> open_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw ResourceError("cannot read " + path + ": " + std::strerror(errno));
  auto source = std::make_unique<DescriptorSource>(descriptor, path);
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode))
    throw ResourceError(path + " is a folder; name a file");
  return source;
}

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::string& path) {
  if (path == "-")
    return decompressed_if_gzip(std::make_unique<DescriptorSource>(STDIN_FILENO, std::string("standard input")));
  return decompressed_if_gzip(open_file(path));
}

std::unique_ptr<ByteSource> bytes_from_memory(std::string content, std::string name) {
  return decompressed_if_gzip(std::make_unique<MemorySource>(std::move(content), std::move(name)));
}

}  // namespace llmtool
