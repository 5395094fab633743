#pragma once

#include <cstddef>
#include <memory>
#include <string>

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

}  // namespace llmtool
