#include "llmtool/formats/gzip_sink.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace llmtool {
namespace {

constexpr std::size_t kOutputSize = 1 << 16;
constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: add 16 to write a gzip header
constexpr int kMemoryLevel = 8;           // zlib.h: the default

}  // namespace

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

}  // namespace llmtool
