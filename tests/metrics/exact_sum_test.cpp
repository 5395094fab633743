#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/random.h"
#include "llmtool/metrics/report.h"

using namespace llmtool;

TEST_CASE("a sum loses nothing to cancellation") {
  ExactSum sum;
  for (const double value : {1e100, 1.0, -1e100, 1e-30}) sum.add(value);
  CHECK(sum.value() == 1.0);
  ExactSum tenths;
  for (int i = 0; i < 10; ++i) tenths.add(0.1);
  CHECK(tenths.value() == 1.0);  // 0.1 + 0.1 + … in doubles gives 0.9999999999999999
}

TEST_CASE("a sum is the same bits in every order and for every way of merging") {
  const CounterRandom random(7, 0);
  std::vector<double> values;
  for (std::uint64_t i = 0; i < 500; ++i)
    values.push_back((random.uniform(i) - 0.5) * std::exp2(static_cast<double>(random.below(80, 1000 + i)) - 40));
  ExactSum forward;
  for (const double value : values) forward.add(value);
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    ExactSum parts[3];
    for (const std::int64_t index : random_permutation(500, CounterRandom(8, trial)))
      parts[random.below(3, 5000 + trial * 500 + static_cast<std::uint64_t>(index))].add(values[index]);
    ExactSum merged;
    for (const ExactSum& part : parts) merged.merge(part);
    CHECK(merged.value() == forward.value());
  }
}

TEST_CASE("a sum may be merged with itself and an empty sum is zero") {
  ExactSum sum;
  CHECK(sum.value() == 0.0);
  sum.add(0.1);
  sum.merge(sum);
  CHECK(sum.value() == 0.2);
}

TEST_CASE("a sum refuses NaN and infinity") {
  ExactSum sum;
  CHECK_THROWS_AS(sum.add(std::nan("")), NonFiniteError);
  CHECK_THROWS_AS(sum.add(std::numeric_limits<double>::infinity()), NonFiniteError);
}
