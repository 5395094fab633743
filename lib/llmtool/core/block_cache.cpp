#include "llmtool/core/block_cache.h"

#include <algorithm>
#include <limits>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace llmtool {
namespace {

// Batches differ a little in their number of tokens: blocks are rounded up, and one that is larger by an eighth at most
// serves too.
constexpr std::size_t kGranularity = std::size_t{64} << 10;

std::size_t rounded_up(std::size_t size) {
  if (size > std::numeric_limits<std::size_t>::max() - kGranularity) throw std::bad_alloc();
  return (size + kGranularity - 1) / kGranularity * kGranularity;
}

// Tells AddressSanitizer, which sees blocks that are kept as memory in use, that of a block's `whole` bytes only the
// first `size` may be touched.
void permit([[maybe_unused]] void* block, [[maybe_unused]] std::size_t size, [[maybe_unused]] std::size_t whole) {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(block, size);
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(block) + size, whole - size);
#endif
}

}  // namespace

BlockCache::~BlockCache() {
  while (!kept_.empty()) release_oldest();
}

void* BlockCache::allocate(std::size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Block block = take_kept(rounded_up(size));
  make_room(block.size);
  if (block.address == nullptr) block.address = take_new(block.size);
  bytes_in_use_ += block.size;
  in_use_.emplace(block.address, block.size);
  permit(block.address, size, block.size);
  return block.address;
}

bool BlockCache::free(void* block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto place = in_use_.find(block);
  if (place == in_use_.end()) return false;
  kept_.push_back({block, place->second});
  permit(block, 0, place->second);
  bytes_in_use_ -= place->second;
  bytes_kept_ += place->second;
  in_use_.erase(place);
  return true;
}

void BlockCache::set_elsewhere(std::size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  bytes_elsewhere_ = size;
  make_room(0);
}

std::size_t BlockCache::bytes_in_use() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_in_use_;
}

std::size_t BlockCache::bytes_kept() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_kept_;
}

// The smallest that fits; of equal ones the last to be freed, part of which may still be in the processor's caches.
BlockCache::Block BlockCache::take_kept(std::size_t size) {
  auto best = kept_.end();
  for (auto block = kept_.begin(); block != kept_.end(); ++block)
    if (block->size >= size && block->size <= size + size / 8 && (best == kept_.end() || block->size <= best->size))
      best = block;
  if (best == kept_.end()) return {nullptr, size};
  const Block block = *best;
  kept_.erase(best);
  bytes_kept_ -= block.size;
  return block;
}

void* BlockCache::take_new(std::size_t size) {
  try {
    return source_.allocate(size);
  } catch (...) {
    if (kept_.empty()) throw;
  }
  while (!kept_.empty()) release_oldest();
  return source_.allocate(size);
}

void BlockCache::make_room(std::size_t size) {
  const std::size_t in_use = bytes_in_use_ + bytes_elsewhere_ + size;
  most_in_use_ = std::max(most_in_use_, in_use);
  while (!kept_.empty() && in_use + bytes_kept_ > most_in_use_) release_oldest();
}

void BlockCache::release_oldest() {
  const Block block = kept_.front();
  kept_.erase(kept_.begin());
  bytes_kept_ -= block.size;
  permit(block.address, block.size, block.size);
  source_.release(block.address);
}

}  // namespace llmtool
