#pragma once

#include <zlib.h>

#include <memory>
#include <string>

#include "llmtool/formats/byte_source.h"

namespace llmtool {

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

}  // namespace llmtool
