#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace llmtool {

// A file mapped read-only. The bytes live as long as the object. Throws ResourceError when it cannot be opened or is
// no regular file.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::string_view bytes() const { return {data_, size_}; }
  // Gives back the memory of what was read so far; it is read from the file again when it is looked at again.
  void release_pages() const;

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace llmtool
