#include "guarded_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace llmtool::testing {
namespace {

// NaN as float and as bf16.
constexpr unsigned char kFiller = 0xff;

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t rounded_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

bool is_filler(const unsigned char* begin, const unsigned char* end) {
  for (; begin < end; ++begin)
    if (*begin != kFiller) return false;
  return true;
}

}  // namespace

GuardedMemory::GuardedMemory(std::size_t size, GuardedEnd end, std::size_t alignment)
    : size_(size), inner_size_(rounded_up(size == 0 ? 1 : size, page_size())) {
  void* const mapped = mmap(nullptr, inner_size_ + 2 * page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  mapped_ = static_cast<unsigned char*>(mapped);
  if (mprotect(inner(), inner_size_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  data_ = end == GuardedEnd::kFirst ? inner() : inner() + inner_size_ - rounded_up(size_, alignment);
  std::memset(inner(), kFiller, inner_size_);
}

GuardedMemory::~GuardedMemory() {
  check_surroundings();
  munmap(mapped_, inner_size_ + 2 * page_size());
}

void GuardedMemory::make_read_only() { mprotect(inner(), inner_size_, PROT_READ); }

unsigned char* GuardedMemory::inner() const { return mapped_ + page_size(); }

void GuardedMemory::check_surroundings() const {
  if (is_filler(inner(), data_) && is_filler(data_ + size_, inner() + inner_size_)) return;
  std::fprintf(stderr, "memory beside a block of %zu bytes was written\n", size_);
  std::abort();
}

}  // namespace llmtool::testing
