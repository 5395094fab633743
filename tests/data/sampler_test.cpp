#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/data/batch_order.h"

using namespace llmtool;

namespace {

std::vector<std::int64_t> counting(std::int64_t size) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(size));
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  return numbers;
}

}  // namespace

TEST_CASE("every order visits each example once in each epoch") {
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = 0; i < 137; ++i) lengths.push_back(1 + i * 7 % 31);
  for (const auto order : {SampleOrder::kSequential, SampleOrder::kShuffled, SampleOrder::kGroupedByLength})
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
      auto visited = Sampler(order, lengths, 8, 42).epoch_order(epoch);
      std::sort(visited.begin(), visited.end());
      CHECK(visited == counting(137));
    }
}

TEST_CASE("a sequential epoch goes from front to back") {
  CHECK(Sampler(SampleOrder::kSequential, {5, 1, 3}, 2, 1).epoch_order(4) == counting(3));
}

TEST_CASE("a shuffled order is fixed by seed and epoch alone") {
  const std::vector<std::int64_t> lengths(100, 1);
  const Sampler sampler(SampleOrder::kShuffled, lengths, 8, 42);
  const auto third = sampler.epoch_order(3);
  CHECK(sampler.epoch_order(0) != sampler.epoch_order(1));
  CHECK(Sampler(SampleOrder::kShuffled, lengths, 4, 42).epoch_order(3) == third);
  CHECK(Sampler(SampleOrder::kShuffled, lengths, 8, 43).epoch_order(3) != third);
}

TEST_CASE("grouping by length equals transformers on its own shuffled orders") {
  const Json cases = read_json_file(testing::fixture("data/group_by_length.json").string(), ExitCode::kInternal);
  REQUIRE(cases.size() == 5);
  for (const Json& test_case : cases) {
    const auto lengths = test_case["lengths"].get<std::vector<std::int64_t>>();
    CHECK(group_by_length(test_case["shuffled"].get<std::vector<std::int64_t>>(), lengths,
                          test_case["batch_size"].get<std::int64_t>()) ==
          test_case["grouped"].get<std::vector<std::int64_t>>());
  }
}

TEST_CASE("a grouped epoch starts with the longest example and wastes less padding than a shuffled one") {
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = 0; i < 1000; ++i) lengths.push_back(1 + i * i % 97);
  const auto padding = [&](const std::vector<std::int64_t>& order) {
    std::int64_t total = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += 8) {
      std::int64_t longest = 0;
      std::int64_t sum = 0;
      for (std::size_t i = begin; i < begin + 8; ++i) {
        const std::int64_t length = lengths[static_cast<std::size_t>(order[i])];
        longest = std::max(longest, length);
        sum += length;
      }
      total += 8 * longest - sum;
    }
    return total;
  };
  const auto grouped = Sampler(SampleOrder::kGroupedByLength, lengths, 8, 1).epoch_order(0);
  CHECK(lengths[static_cast<std::size_t>(grouped[0])] == *std::max_element(lengths.begin(), lengths.end()));
  CHECK(padding(grouped) * 5 < padding(Sampler(SampleOrder::kShuffled, lengths, 8, 1).epoch_order(0)));
}

TEST_CASE("no examples make an empty epoch") {
  CHECK(Sampler(SampleOrder::kGroupedByLength, {}, 8, 1).epoch_order(0).empty());
  CHECK_THROWS_AS(Sampler(SampleOrder::kShuffled, {1}, 0, 1), std::invalid_argument);
}
