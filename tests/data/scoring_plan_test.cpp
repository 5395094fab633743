#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "llmtool/data/batch_order.h"

using namespace llmtool;

namespace {

using Indices = std::vector<std::int64_t>;

Indices counting(std::int64_t size) {
  Indices numbers(static_cast<std::size_t>(size));
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  return numbers;
}

Indices to_vector(std::span<const std::int64_t> span) { return {span.begin(), span.end()}; }

}  // namespace

TEST_CASE("a batch size below one is refused") { CHECK_THROWS_AS(ScoringPlan({}, {}, 0), std::invalid_argument); }

TEST_CASE("scoring batches go from long to short and hold every example once") {
  Indices lengths;
  for (std::int64_t i = 0; i < 53; ++i) lengths.push_back(1 + i * 11 % 17);
  for (const std::int64_t batch_size : {1, 4, 53, 100}) {
    const ScoringPlan plan(counting(53), lengths, batch_size);
    Indices seen;
    for (std::int64_t i = 0; i < plan.num_batches(); ++i) {
      CHECK(static_cast<std::int64_t>(plan.batch(i).size()) <= batch_size);
      for (const std::int64_t example : plan.batch(i)) seen.push_back(example);
    }
    CHECK(std::is_sorted(seen.begin(), seen.end(), [&](std::int64_t left, std::int64_t right) {
      return lengths[static_cast<std::size_t>(left)] > lengths[static_cast<std::size_t>(right)];
    }));
    std::sort(seen.begin(), seen.end());
    CHECK(seen == counting(53));
  }
}

TEST_CASE("examples of equal length keep their order") {
  CHECK(to_vector(ScoringPlan(counting(4), Indices{2, 5, 2, 5}, 4).batch(0)) == Indices{1, 3, 0, 2});
}

TEST_CASE("only the examples asked for are planned") {
  const ScoringPlan plan({0, 2}, Indices{1, 9, 3}, 4);
  CHECK(plan.num_examples() == 2);
  CHECK(to_vector(plan.batch(0)) == Indices{2, 0});
}

TEST_CASE("a token budget limits a batch unless one example alone exceeds it") {
  const Indices lengths{20, 4, 4, 3, 3, 3};
  const ScoringPlan plan(counting(6), lengths, 3, 8);
  REQUIRE(plan.num_batches() == 4);
  CHECK(to_vector(plan.batch(0)) == Indices{0});
  CHECK(to_vector(plan.batch(1)) == Indices{1, 2});
  CHECK(to_vector(plan.batch(2)) == Indices{3, 4});
  CHECK(to_vector(plan.batch(3)) == Indices{5});
}

TEST_CASE("nothing to score makes no batches") { CHECK(ScoringPlan({}, {}, 4).num_batches() == 0); }
