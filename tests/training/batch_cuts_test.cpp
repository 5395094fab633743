#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/training/optimization_step.h"

namespace llmtool {
namespace {

using Places = std::vector<std::int64_t>;

Places places_by_tokens(const std::vector<std::int64_t>& lengths, std::int64_t tokens_per_batch) {
  TrainingOptions options;
  options.tokens_per_batch = tokens_per_batch;
  return BatchCuts(static_cast<std::int64_t>(lengths.size()), lengths, options).places(lengths);
}

TEST_CASE("Micro-batches hold batch_size examples, the last one of an epoch what is left") {
  TrainingOptions options;
  options.batch_size = 3;
  const BatchCuts cuts(10, {}, options);
  CHECK(cuts.num_micro_batches() == 4);
  CHECK(cuts.places({}) == Places{0, 3, 6, 9, 10});
  CHECK(BatchCuts(9, {}, options).places({}) == Places{0, 3, 6, 9});
  CHECK_THROWS_AS(BatchCuts(0, {}, options), DataError);
}

TEST_CASE("A budget of tokens makes batches of many short or few long examples") {
  CHECK(places_by_tokens({8, 8, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2}, 16) == Places{0, 2, 6, 14});
  CHECK(places_by_tokens({5, 5, 5}, 100) == Places{0, 3});
}

TEST_CASE("Batches by tokens are never empty, however long an example is") {
  CHECK(places_by_tokens({100, 1, 1, 1}, 10) == Places{0, 1, 2, 3, 4});
  CHECK(places_by_tokens({1, 1, 1, 100}, 10) == Places{0, 1, 2, 3, 4});
  CHECK(places_by_tokens({0, 0, 0}, 10) == Places{0, 3});
  CHECK(places_by_tokens({7, 7, 7}, 1) == Places{0, 1, 2, 3});
}

TEST_CASE("Batches by tokens take every example once and stay near the budget") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> lengths(1 + random() % 300);
    const std::int64_t longest = 1 + random() % 60;
    for (std::int64_t& length : lengths) length = 1 + static_cast<std::int64_t>(random()) % longest;
    const std::int64_t budget = 1 + random() % 500;
    const Places places = places_by_tokens(lengths, budget);
    REQUIRE(places.front() == 0);
    REQUIRE(places.back() == static_cast<std::int64_t>(lengths.size()));
    for (std::size_t i = 0; i + 1 < places.size(); ++i) {
      REQUIRE(places[i] < places[i + 1]);
      const std::int64_t num_tokens =
          std::accumulate(lengths.begin() + places[i], lengths.begin() + places[i + 1], std::int64_t{0});
      REQUIRE(num_tokens <= budget + longest);
    }
  }
}

TEST_CASE("Another order of the same examples has equally many batches by tokens") {
  std::vector<std::int64_t> lengths{9, 1, 30, 2, 2, 17, 5, 5, 8, 1};
  TrainingOptions options;
  options.tokens_per_batch = 12;
  const BatchCuts cuts(10, lengths, options);
  for (int round = 0; round < 20; ++round) {
    std::rotate(lengths.begin(), lengths.begin() + 3, lengths.end());
    CHECK(static_cast<std::int64_t>(cuts.places(lengths).size()) == cuts.num_micro_batches() + 1);
  }
}

}  // namespace
}  // namespace llmtool
