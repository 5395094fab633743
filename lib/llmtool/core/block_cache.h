#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace llmtool {

// Large blocks of memory, kept for reuse when they are freed: a training step needs again what the one before freed,
// and memory that is new to the process costs a page fault for each of its pages. What is kept and what is in use,
// here and elsewhere, never exceed together the most that was in use at once. For several threads.
class BlockCache {
 public:
  // Where blocks come from; `allocate` throws when there is no memory.
  struct Source {
    std::function<void*(std::size_t size)> allocate;
    std::function<void(void* block)> release;
  };

  explicit BlockCache(Source source) : source_(std::move(source)) {}
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;
  ~BlockCache();

  // A block of at least `size` bytes, its contents whatever they were. When the source has none, tries again without
  // what is kept, then throws what the source throws.
  void* allocate(std::size_t size);
  // False, and nothing is done, for a block that is not in use here.
  bool free(void* block);

  // Says how much memory the process holds besides, so that the peaks of both need not add up.
  void set_elsewhere(std::size_t size);

  std::size_t bytes_in_use() const;
  std::size_t bytes_kept() const;

 private:
  struct Block {
    void* address;
    std::size_t size;
  };

  Block take_kept(std::size_t size);  // address null: none fits
  void* take_new(std::size_t size);
  void make_room(std::size_t size);  // for what comes into use besides
  void release_oldest();

  Source source_;
  mutable std::mutex mutex_;
  std::unordered_map<void*, std::size_t> in_use_;
  std::vector<Block> kept_;  // oldest first
  std::size_t bytes_in_use_ = 0;
  std::size_t bytes_kept_ = 0;
  std::size_t bytes_elsewhere_ = 0;
  std::size_t most_in_use_ = 0;
};

}  // namespace llmtool
