#include "llmtool/formats/byte_sink.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/printable.h"

namespace llmtool {
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
constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: add 16 to write a gzip header
constexpr int kMemoryLevel = 8;           // zlib.h: the default

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
