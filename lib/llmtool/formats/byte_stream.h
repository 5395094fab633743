#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace llmtool {

// Bytes read once from front to back.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Puts at least 1 and at most `size` bytes at `destination` and returns their number, 0 at the end.
  // Throws ResourceError when reading fails, DataError when compressed data is damaged or cut off.
  virtual std::size_t read(char* destination, std::size_t size) = 0;
  // For messages: the path, or "standard input".
  virtual const std::string& name() const = 0;
};

// Opens a file, or standard input for "-"; gzip content (also several members) is recognised and decompressed.
// Throws ResourceError for missing files and folders, DataError for a name ending in .gz that is not gzip.
std::unique_ptr<ByteSource> open_bytes(const std::string& path);

// Bytes held in memory, likewise decompressed when they are gzip.
std::unique_ptr<ByteSource> bytes_from_memory(std::string content, std::string name);

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
// An open stream, not closed; what a terminal would obey is written there as escapes (core/text.h).
std::unique_ptr<ByteSink> bytes_to_stream(std::FILE* stream, const std::string& name);

}  // namespace llmtool
