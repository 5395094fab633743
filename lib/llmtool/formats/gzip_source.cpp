#include "llmtool/formats/gzip_source.h"

#include <stdexcept>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

constexpr std::size_t kInputSize = 1 << 16;
constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: add 16 to expect a gzip header

}  // namespace

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

}  // namespace llmtool
