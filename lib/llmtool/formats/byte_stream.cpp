#include "llmtool/formats/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// Decompresses gzip (RFC 1952), also several members one after another and zero bytes behind the last, as gzip(1)
// does. Throws DataError when the data is damaged or ends early.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> compressed);
  ~GzipSource() override;
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::size_t read(char* destination, std::size_t size) override;
  const std::string& name() const override { return compressed_->name(); }

 private:
  bool refill();
  bool start_member();
  void inflate_some();

  std::unique_ptr<ByteSource> compressed_;
  std::string input_;
  z_stream stream_{};
  bool inside_member_ = true;
};

constexpr std::size_t kInputSize = 1 << 16;
constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: add 16 to expect, or write, a gzip header

GzipSource::GzipSource(std::unique_ptr<ByteSource> compressed)
    : compressed_(std::move(compressed)), input_(kInputSize, '\0') {
  if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) throw std::runtime_error("zlib cannot be started");
}

GzipSource::~GzipSource() { inflateEnd(&stream_); }

bool GzipSource::refill() {
  if (stream_.avail_in > 0) return true;
  stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
  stream_.avail_in = static_cast<uInt>(compressed_->read(input_.data(), input_.size()));
  return stream_.avail_in > 0;
}

// Moves to the next member; false when there is none.
bool GzipSource::start_member() {
  while (refill()) {
    if (*stream_.next_in != 0) {
      inflateReset(&stream_);
      return inside_member_ = true;
    }
    ++stream_.next_in;
    --stream_.avail_in;
  }
  return false;
}

void GzipSource::inflate_some() {
  if (!refill()) throw DataError(name() + ": the gzip data ends early; the file is incomplete, fetch it again");
  const int status = inflate(&stream_, Z_NO_FLUSH);
  if (status == Z_STREAM_END) {
    inside_member_ = false;
  } else if (status != Z_OK && status != Z_BUF_ERROR) {
    throw DataError(name() + ": damaged gzip data (" + (stream_.msg ? stream_.msg : "zlib error") +
                    "); fetch the file again");
  }
}

std::size_t GzipSource::read(char* destination, std::size_t size) {
  stream_.next_out = reinterpret_cast<Bytef*>(destination);
  stream_.avail_out = static_cast<uInt>(size);
  while (stream_.avail_out == size) {
    if (!inside_member_ && !start_member()) return 0;
    inflate_some();
  }
  return size - stream_.avail_out;
}

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

namespace {

// Compresses to gzip (RFC 1952) without a time stamp, so that equal content gives equal bytes.
class GzipSink : public ByteSink {
 public:
  explicit GzipSink(std::unique_ptr<ByteSink> target);
  ~GzipSink() override;
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;

  void write(std::string_view bytes) override { compress(bytes, Z_NO_FLUSH); }
  void flush() override;
  void commit() override;

 private:
  void compress(std::string_view bytes, int mode);

  std::unique_ptr<ByteSink> target_;
  std::string output_;
  z_stream stream_{};
};

constexpr std::size_t kOutputSize = 1 << 16;
constexpr int kMemoryLevel = 8;  // zlib.h: the default

GzipSink::GzipSink(std::unique_ptr<ByteSink> target) : target_(std::move(target)), output_(kOutputSize, '\0') {
  if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    throw std::runtime_error("zlib cannot be started");
}

GzipSink::~GzipSink() { deflateEnd(&stream_); }

void GzipSink::compress(std::string_view bytes, int mode) {
  do {
    const std::size_t count = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(count);
    bytes.remove_prefix(count);
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
      stream_.avail_out = static_cast<uInt>(output_.size());
      deflate(&stream_, bytes.empty() ? mode : Z_NO_FLUSH);
      target_->write({output_.data(), output_.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
  } while (!bytes.empty());
}

void GzipSink::flush() {
  compress({}, Z_SYNC_FLUSH);
  target_->flush();
}

void GzipSink::commit() {
  compress({}, Z_FINISH);
  target_->commit();
}

class FileSink : public ByteSink {
 public:
  explicit FileSink(const std::string& path) : file_(path) {}
  void write(std::string_view bytes) override { file_.write(bytes); }
  void flush() override {}  // nobody can see the file before commit()
  void commit() override { file_.commit(); }

 private:
  AtomicFile file_;
};

class StreamSink : public ByteSink {
 public:
  StreamSink(std::FILE* stream, std::string name)
      : stream_(stream), name_(std::move(name)), is_terminal_(isatty(fileno(stream)) == 1) {}
  void write(std::string_view bytes) override {
    if (is_terminal_) return put(printable(bytes));
    put(bytes);
  }
  void flush() override {
    if (std::fflush(stream_) != 0) fail();
  }
  void commit() override { flush(); }

 private:
  void put(std::string_view bytes) {
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), stream_) != bytes.size()) fail();
  }
  [[noreturn]] void fail() const {
    const std::string message = "cannot write to " + name_ + ": " + std::strerror(errno);
    if (errno == EPIPE) throw BrokenPipeError(message);
    throw ResourceError(message);
  }

  std::FILE* stream_;
  std::string name_;
  bool is_terminal_;
};

}  // namespace

std::unique_ptr<ByteSink> create_bytes(const std::string& path) {
  auto file = std::make_unique<FileSink>(path);
  if (path.ends_with(".gz")) return std::make_unique<GzipSink>(std::move(file));
  return file;
}

std::unique_ptr<ByteSink> bytes_to_stream(std::FILE* stream, const std::string& name) {
  return std::make_unique<StreamSink>(stream, name);
}

}  // namespace llmtool
