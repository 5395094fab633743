#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "llmtool/core/errors.h"

namespace llmtool {

// Reads little-endian numbers from bytes that are not trusted: never past their end. Throws ModelError.
class ByteCursor {
 public:
  ByteCursor(std::string_view bytes, std::size_t position, const std::string& file)
      : bytes_(bytes), position_(position), file_(file) {}
  ByteCursor(std::string_view, std::size_t, std::string&&) = delete;  // the name is kept by reference

  std::string_view take(std::uint64_t size) {
    if (position_ > bytes_.size() || size > bytes_.size() - position_)
      throw ModelError(file_ + ": damaged: the content ends early; fetch the file again");
    const std::string_view taken = bytes_.substr(position_, size);
    position_ += size;
    return taken;
  }
  // Up to the delimiter, which is skipped.
  std::string_view take_until(char delimiter) {
    const std::size_t end = bytes_.find(delimiter, position_);
    const std::string_view taken = take(end == std::string_view::npos ? bytes_.size() : end - position_);
    take(1);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    const std::string_view taken = take(size);
    std::uint64_t number = 0;
    for (std::size_t i = size; i-- > 0;) number = number << 8 | static_cast<unsigned char>(taken[i]);
    return number;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::size_t position() const { return position_; }

 private:
  std::string_view bytes_;
  std::size_t position_;
  const std::string& file_;
};

}  // namespace llmtool
