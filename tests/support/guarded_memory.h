#pragma once

#include <cstddef>

namespace llmtool::testing {

// Which end of a block lies at a page that nothing may touch.
enum class GuardedEnd { kFirst, kLast };

// Memory between two pages that nothing may touch: reading or writing there ends the process. The block lies directly
// at one of them, as far as `alignment` permits; what is between it and the other page must not be written either,
// which the destructor checks: it ends the process, too. All bytes are 0xff at first, which is NaN in every number
// type.
class GuardedMemory {
 public:
  GuardedMemory(std::size_t size, GuardedEnd end, std::size_t alignment = 1);
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  void* data() const { return data_; }
  void make_read_only();

 private:
  unsigned char* inner() const;
  void check_surroundings() const;

  std::size_t size_;
  std::size_t inner_size_;  // of the pages that may be touched
  unsigned char* mapped_;
  unsigned char* data_;
};

}  // namespace llmtool::testing
