#include "llmtool/core/block_cache.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <set>
#include <thread>

namespace llmtool {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Memory of the heap up to a limit, and what of it is held.
class Heap {
 public:
  explicit Heap(std::size_t most_blocks = 1000) : most_blocks_(most_blocks) {}

  BlockCache::Source source() {
    return {[this](std::size_t size) {
              if (blocks_.size() == most_blocks_) throw std::bad_alloc();
              ++num_allocations_;
              return *blocks_.insert(std::malloc(size)).first;
            },
            [this](void* block) {
              blocks_.erase(block);
              std::free(block);
            }};
  }
  std::size_t num_blocks() const { return blocks_.size(); }
  int num_allocations() const { return num_allocations_; }

 private:
  std::size_t most_blocks_;
  std::set<void*> blocks_;
  int num_allocations_ = 0;
};

TEST_CASE("A freed block serves again for sizes up to an eighth smaller") {
  Heap heap;
  BlockCache cache(heap.source());
  void* const block = cache.allocate(9 * kMiB);
  CHECK(cache.free(block));
  CHECK(cache.allocate(8 * kMiB) == block);
  CHECK(cache.bytes_in_use() == 9 * kMiB);
  CHECK(cache.free(block));
  void* const other = cache.allocate(4 * kMiB);
  CHECK(other != block);
  CHECK(cache.bytes_kept() == 0);  // both would be more than was ever in use
  cache.free(other);
}

TEST_CASE("The smallest block that fits is taken, of equal ones the last freed") {
  Heap heap;
  BlockCache cache(heap.source());
  void* const larger = cache.allocate(17 * kMiB);
  void* const first = cache.allocate(16 * kMiB);
  void* const second = cache.allocate(16 * kMiB);
  for (void* block : {first, second, larger}) cache.free(block);
  CHECK(cache.allocate(16 * kMiB) == second);
  CHECK(cache.allocate(16 * kMiB) == first);
  CHECK(cache.allocate(16 * kMiB) == larger);
  for (void* block : {first, second, larger}) cache.free(block);
}

TEST_CASE("Kept blocks and those in use never exceed the most that was in use; the oldest go first") {
  Heap heap;
  {
    BlockCache cache(heap.source());
    void* const oldest = cache.allocate(6 * kMiB);
    void* const newest = cache.allocate(10 * kMiB);
    cache.free(oldest);
    cache.free(newest);
    CHECK(cache.bytes_kept() == 16 * kMiB);
    void* const small = cache.allocate(3 * kMiB);
    CHECK(cache.bytes_kept() == 10 * kMiB);
    CHECK(cache.allocate(10 * kMiB) == newest);
    cache.free(small);
    cache.free(newest);
    CHECK(heap.num_blocks() == 2);
  }
  CHECK(heap.num_blocks() == 0);
}

TEST_CASE("Memory held elsewhere takes the place of kept blocks") {
  Heap heap;
  BlockCache cache(heap.source());
  void* const first = cache.allocate(4 * kMiB);
  void* const second = cache.allocate(4 * kMiB);
  cache.set_elsewhere(4 * kMiB);
  cache.free(first);
  cache.free(second);
  CHECK(cache.bytes_kept() == 8 * kMiB);
  cache.set_elsewhere(6 * kMiB);
  CHECK(cache.bytes_kept() == 4 * kMiB);
  cache.set_elsewhere(0);
  CHECK(cache.allocate(4 * kMiB) == second);
  cache.free(second);
}

TEST_CASE("Without memory the kept blocks are given up before an allocation fails") {
  Heap heap(2);
  BlockCache cache(heap.source());
  void* const first = cache.allocate(kMiB);
  void* const second = cache.allocate(100 * kMiB);
  cache.free(first);
  void* const third = cache.allocate(50 * kMiB);
  CHECK(heap.num_blocks() == 2);
  CHECK_THROWS_AS(cache.allocate(20 * kMiB), std::bad_alloc);
  cache.free(second);
  cache.free(third);
}

TEST_CASE("Memory from elsewhere is not taken") {
  Heap heap;
  BlockCache cache(heap.source());
  int elsewhere = 0;
  CHECK_FALSE(cache.free(&elsewhere));
  CHECK_FALSE(cache.free(nullptr));
  CHECK(cache.bytes_kept() == 0);
}

TEST_CASE("Threads get blocks of their own") {
  Heap heap;
  BlockCache cache(heap.source());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&cache, thread] {
      for (int round = 0; round < 200; ++round) {
        auto* const block = static_cast<int*>(cache.allocate(kMiB));
        *block = thread;
        std::this_thread::yield();
        if (*block != thread) std::abort();
        cache.free(block);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(cache.bytes_in_use() == 0);
  CHECK(heap.num_allocations() <= 4 * 200);
}

}  // namespace
}  // namespace llmtool
