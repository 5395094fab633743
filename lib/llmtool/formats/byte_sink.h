#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace llmtool {

// Where bytes are written, from front to back. All members throw ResourceError.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(std::string_view bytes) = 0;
  // Hands on what is buffered, where a reader may be waiting for it.
  virtual void flush() = 0;
  // Must be called at the end.
  virtual void commit() = 0;
};

// A file that appears whole at commit(); compressed when its name ends in .gz.
std::unique_ptr<ByteSink> create_bytes(const std::string& path);
// An open stream, not closed; what a terminal would obey is written there as escapes (printable.h).
std::unique_ptr<ByteSink> bytes_to_stream(std::FILE* stream, const std::string& name);

}  // namespace llmtool
