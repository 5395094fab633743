#pragma once

#include <zlib.h>

#include <memory>
#include <string>
#include <string_view>

#include "llmtool/formats/byte_sink.h"

namespace llmtool {

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

}  // namespace llmtool
