#include "llmtool/core/block_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <set>
#include <thread>

#include "../support/rounds.h"

namespace llmtool {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kGranularity = std::size_t{64} << 10;
constexpr std::size_t kAlignment = 64;

// Memory of the heap up to a limit, and what of it is held.
class Heap {
 public:
  explicit Heap(std::size_t most_blocks = 1000) : most_blocks_(most_blocks) {}

  BlockCache::Source source() {
    return {[this](std::size_t size) {
              if (blocks_.size() == most_blocks_) throw std::bad_alloc();
              ++num_allocations_;
              return *blocks_.insert(std::aligned_alloc(kAlignment, size)).first;
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

bool is_aligned(const void* block) { return reinterpret_cast<std::uintptr_t>(block) % kAlignment == 0; }

// Writes all of a block, so that a sanitizer sees one that is too small.
void* filled(void* block, std::size_t size, int byte) { return std::memset(block, byte, size); }

TEST_CASE("Blocks have the size that was asked for, at every boundary") {
  Heap heap;
  BlockCache cache(heap.source());
  for (const std::size_t base : {std::size_t{0}, kGranularity, 8 * kGranularity, 9 * kGranularity, kMiB, 9 * kMiB / 8})
    for (const std::size_t size : {base + 1, base + 7, base + 63, base + 64, base + kGranularity - 1}) {
      void* const block = cache.allocate(size);
      CHECK(is_aligned(filled(block, size, 1)));
      CHECK(cache.bytes_in_use() == (size + kGranularity - 1) / kGranularity * kGranularity);
      CHECK(cache.free(block));
    }
}

TEST_CASE("A block serves down to eight ninths of its size, to the byte") {
  for (const std::size_t granules : {8, 16, 64, 80}) {
    Heap heap;
    BlockCache cache(heap.source());
    const std::size_t smallest = granules * kGranularity;
    const std::size_t size = smallest + smallest / 8;
    void* const block = cache.allocate(size);
    // Room for the block and another at once.
    cache.free(cache.allocate(2 * size));
    cache.free(block);
    void* const same = cache.allocate(smallest - kGranularity + 1);
    CHECK(same == block);
    cache.free(same);
    void* const other = cache.allocate(smallest - kGranularity);
    CHECK(other != block);
    cache.free(other);
  }
}

TEST_CASE("More than there can be is refused and harms nothing") {
  Heap heap;
  BlockCache cache(heap.source());
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t size : {kMost, kMost - 1, kMost - kGranularity + 1})
    CHECK_THROWS_AS(cache.allocate(size), std::bad_alloc);
  CHECK(cache.bytes_in_use() == 0);
  void* const block = cache.allocate(kMiB);
  CHECK_FALSE(cache.free(static_cast<char*>(block) + kAlignment));
  CHECK(cache.free(block));
  CHECK_FALSE(cache.free(block));
}

// Allocates, fills, checks and frees blocks of random sizes.
void use_blocks(BlockCache& cache, std::uint64_t seed, std::int64_t rounds) {
  struct Held {
    unsigned char* bytes;
    std::size_t size;
    unsigned char content;
  };
  std::mt19937_64 random(seed);
  std::vector<Held> held;
  const auto release = [&](std::size_t index) {
    const Held block = held[index];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(index));
    for (const std::size_t place : {std::size_t{0}, block.size / 2, block.size - 1})
      if (block.bytes[place] != block.content) std::abort();
    if (!cache.free(block.bytes)) std::abort();
  };
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::size_t size = random() % (6 * kGranularity) + 1;
    const auto content = static_cast<unsigned char>(random());
    auto* const bytes = static_cast<unsigned char*>(filled(cache.allocate(size), size, content));
    if (!is_aligned(bytes)) std::abort();
    held.push_back({bytes, size, content});
    if (random() % 8 == 0) cache.set_elsewhere(random() % (16 * kGranularity));
    if (cache.free(&random) || cache.free(bytes + 1)) std::abort();
    while (held.size() > random() % 8) release(random() % held.size());
  }
  while (!held.empty()) release(0);
}

TEST_CASE("Threads with blocks of all sizes never see those of others") {
  Heap heap(100'000);
  {
    BlockCache cache(heap.source());
    std::vector<std::thread> threads;
    for (std::uint64_t thread = 0; thread < 4; ++thread)
      threads.emplace_back(use_blocks, std::ref(cache), testing::first_seed() + thread, testing::num_rounds(500));
    for (std::thread& thread : threads) thread.join();
    CHECK(cache.bytes_in_use() == 0);
  }
  CHECK(heap.num_blocks() == 0);
}

#if defined(__SANITIZE_ADDRESS__)

// Whether the action ends a process.
template <class Action>
bool is_deadly(const Action& action) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

TEST_CASE("AddressSanitizer sees what touches kept blocks and the rest of those in use") {
  Heap heap;
  BlockCache cache(heap.source());
  constexpr std::size_t kSize = 9 * kMiB - 1000;
  auto* block = static_cast<volatile char*>(cache.allocate(kSize));
  CHECK_FALSE(is_deadly([&] { block[kSize - 1] = 1; }));
  CHECK(is_deadly([&] { block[kSize] = 1; }));
  CHECK(is_deadly([&] { block[9 * kMiB - 1] = 1; }));
  cache.free(const_cast<char*>(block));
  CHECK(is_deadly([&] { block[0] = 1; }));
  CHECK(is_deadly([&] { block[kSize - 1] = 1; }));
  REQUIRE(cache.allocate(8 * kMiB) == block);
  CHECK_FALSE(is_deadly([&] { block[8 * kMiB - 1] = 1; }));
  CHECK(is_deadly([&] { block[8 * kMiB] = 1; }));
  cache.free(const_cast<char*>(block));
}

#endif

}  // namespace
}  // namespace llmtool
