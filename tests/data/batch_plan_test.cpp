#include "llmtool/data/batch_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

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

TEST_CASE("an order is cut into micro-batches and the last one is short") {
  const BatchPlan plan({7, 3, 9, 1, 5}, {.batch_size = 2});
  REQUIRE(plan.num_micro_batches() == 3);
  CHECK(to_vector(plan.micro_batch(0)) == Indices{7, 3});
  CHECK(to_vector(plan.micro_batch(2)) == Indices{5});
  CHECK(plan.num_steps() == 3);
}

TEST_CASE("the last step keeps the micro-batches that are left") {
  const BatchPlan plan(counting(11), {.batch_size = 2, .accumulation = 4});
  CHECK(plan.num_micro_batches() == 6);
  REQUIRE(plan.num_steps() == 2);
  CHECK(plan.first_micro_batch(1) == 4);
  CHECK(plan.last_micro_batch(0) == 4);
  CHECK(plan.last_micro_batch(1) == 6);
}

TEST_CASE("fewer examples than a step still make one step") {
  CHECK(BatchPlan(counting(1), {.batch_size = 8, .accumulation = 4}).num_steps() == 1);
  CHECK(BatchPlan({}, {.batch_size = 8}).num_steps() == 0);
}

TEST_CASE("ranks share each micro-batch without overlap and a step is the same examples for any world") {
  for (std::int64_t num_examples = 1; num_examples < 40; ++num_examples) {
    const Indices order = counting(num_examples);
    const BatchPlan alone(order, {.batch_size = 6});
    for (std::int64_t index = 0; index < alone.num_micro_batches(); ++index) {
      Indices together;
      for (std::int64_t rank = 0; rank < 3; ++rank) {
        const BatchPlan plan(order, {.batch_size = 2, .rank = rank, .world_size = 3});
        REQUIRE(plan.num_micro_batches() == alone.num_micro_batches());
        const auto part = plan.micro_batch(index);
        together.insert(together.end(), part.begin(), part.end());
      }
      CHECK(together == to_vector(alone.micro_batch(index)));
    }
  }
}

TEST_CASE("a plan refuses sizes below one and a rank outside the world") {
  CHECK_THROWS_AS(BatchPlan({}, {.batch_size = 0}), std::invalid_argument);
  CHECK_THROWS_AS(BatchPlan({}, {.accumulation = 0}), std::invalid_argument);
  CHECK_THROWS_AS(BatchPlan({}, {.rank = 2, .world_size = 2}), std::invalid_argument);
  CHECK_THROWS_AS(ScoringPlan({}, 0), std::invalid_argument);
}

TEST_CASE("scoring batches go from long to short and hold every example once") {
  Indices lengths;
  for (std::int64_t i = 0; i < 53; ++i) lengths.push_back(1 + i * 11 % 17);
  for (const std::int64_t batch_size : {1, 4, 53, 100}) {
    const ScoringPlan plan(lengths, batch_size);
    Indices seen;
    for (std::int64_t i = 0; i < plan.num_batches(); ++i) {
      CHECK(static_cast<std::int64_t>(plan.batch(i).size()) <= batch_size);
      for (const std::int64_t example : plan.batch(i)) seen.push_back(example);
    }
    CHECK(std::is_sorted(seen.begin(), seen.end(), [&](std::int64_t left, std::int64_t right) {
      return lengths[static_cast<std::size_t>(left)] > lengths[static_cast<std::size_t>(right)];
    }));
    CHECK(seen == to_vector(plan.order()));
    std::sort(seen.begin(), seen.end());
    CHECK(seen == counting(53));
  }
}

TEST_CASE("examples of equal length keep their order") {
  CHECK(to_vector(ScoringPlan(Indices{2, 5, 2, 5}, 4).order()) == Indices{1, 3, 0, 2});
}

TEST_CASE("the restoring index says where each example went") {
  const ScoringPlan plan(Indices{3, 9, 1}, 2);
  CHECK(plan.restoring_index() == Indices{1, 0, 2});
}

TEST_CASE("a token budget limits a batch unless one example alone exceeds it") {
  const Indices lengths{20, 4, 4, 3, 3, 3};
  const ScoringPlan plan(lengths, 3, 8);
  REQUIRE(plan.num_batches() == 4);
  CHECK(to_vector(plan.batch(0)) == Indices{0});
  CHECK(to_vector(plan.batch(1)) == Indices{1, 2});
  CHECK(to_vector(plan.batch(2)) == Indices{3, 4});
  CHECK(to_vector(plan.batch(3)) == Indices{5});
}

TEST_CASE("nothing to score makes no batches") { CHECK(ScoringPlan({}, 4).num_batches() == 0); }
