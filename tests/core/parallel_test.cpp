#include "llmtool/core/parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace llmtool;

TEST_CASE("every index is worked on once, whatever the number of threads") {
  for (const std::int64_t num_threads : {0, 1, 3, 50}) {
    std::vector<std::atomic<int>> visits(20);
    parallel_for(20, num_threads, [&](std::int64_t index) { ++visits[static_cast<std::size_t>(index)]; });
    for (const auto& count : visits) CHECK(count == 1);
  }
}

TEST_CASE("the exception of the lowest index is thrown") {
  for (int round = 0; round < 50; ++round)
    CHECK_THROWS_WITH(parallel_for(40, 4,
                                   [](std::int64_t index) {
                                     if (index >= 7) throw std::runtime_error(std::to_string(index));
                                   }),
                      "7");
}

TEST_CASE("progress is told on the calling thread and ends with everything begun") {
  const auto caller = std::this_thread::get_id();
  std::int64_t last = 0;
  parallel_for(
      30, 3, [](std::int64_t) {},
      [&](std::int64_t num_begun) {
        CHECK(std::this_thread::get_id() == caller);
        CHECK(num_begun >= last);
        last = num_begun;
      });
  CHECK(last <= 30);
}
