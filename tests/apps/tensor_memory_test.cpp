#include "torch/tensor_memory.h"

#include <ATen/ATen.h>
#include <c10/core/CPUAllocator.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "../support/rounds.h"

namespace llmtool::app {
namespace {

constexpr std::size_t kSmallestKept = std::size_t{4} << 20;

bool is_aligned(const void* block) { return reinterpret_cast<std::uintptr_t>(block) % 64 == 0; }

TEST_CASE("Tensors of every size around the smallest that is kept are aligned and their own") {
  keep_tensor_memory();
  for (int round = 0; round < 3; ++round)
    for (const std::size_t base : {std::size_t{0}, kSmallestKept, kSmallestKept * 9 / 8, 2 * kSmallestKept})
      for (const std::ptrdiff_t offset : {-65, -64, -1, 0, 1, 63, 64, 65}) {
        const auto size = static_cast<std::int64_t>(base) + offset;
        if (size < 0) continue;
        const at::Tensor first = at::empty({size}, at::kByte).fill_(1);
        const at::Tensor second = at::empty({size}, at::kByte).fill_(2);
        CHECK(is_aligned(first.const_data_ptr()));
        CHECK(is_aligned(second.const_data_ptr()));
        CHECK((size == 0 || first.eq(1).all().item<bool>()));
      }
}

TEST_CASE("Blocks without a tensor are freed wherever they are from") {
  keep_tensor_memory();
  c10::Allocator* const allocator = c10::GetCPUAllocator();
  for (const std::size_t size : {std::size_t{100}, kSmallestKept, 3 * kSmallestKept + 1}) {
    void* const block = allocator->raw_allocate(size);
    std::memset(block, 1, size);
    allocator->raw_deallocate(block);
  }
}

void use_tensors(std::uint64_t seed, std::int64_t rounds) {
  std::mt19937_64 random(seed);
  std::vector<std::pair<at::Tensor, int>> held;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const auto size = static_cast<std::int64_t>(random() % (2 * kSmallestKept)) + 1;
    const int content = static_cast<int>(random() % 256);
    held.emplace_back(at::empty({size}, at::kByte).fill_(content), content);
    if (held.size() < 4) continue;
    const std::size_t index = random() % held.size();
    if (!held[index].first.eq(held[index].second).all().item<bool>()) std::abort();
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(index));
  }
}

TEST_CASE("Tensors of several threads keep what was written to them") {
  keep_tensor_memory();
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 3; ++thread)
    threads.emplace_back(use_tensors, testing::first_seed() + thread, testing::num_rounds(60));
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace llmtool::app
