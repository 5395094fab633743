#include "llmtool/formats/byte_sink.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/broken_pipe_error.h"
#include "llmtool/core/printable.h"
#include "llmtool/formats/gzip_sink.h"

namespace llmtool {
namespace {

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
