#include "llmtool/core/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

namespace llmtool {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Random123 1.14 (the authors' library), tests/kat_vectors, "philox4x32 10". Counter words 0 and 1 are the position,
// words 2 and 3 the stream; the key is the seed.
TEST_CASE("Philox gives the published known answers") {
  CHECK(CounterRandom(0, 0).block(0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(CounterRandom(0xffffffffffffffff, 0xffffffffffffffff).block(0xffffffffffffffff) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(CounterRandom(0x299f31d0a4093822, 0x0370734413198a2e).block(0x85a308d3243f6a88) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Random bits are the first two words of a block") {
  CHECK(CounterRandom(0, 0).bits(0) == 0xe169c58d6627e8d5);
}

TEST_CASE("Streams and seeds and positions give different numbers") {
  const std::uint64_t bits = CounterRandom(1, 2).bits(3);
  CHECK(CounterRandom(1, 2).bits(3) == bits);
  CHECK(CounterRandom(1, 2).bits(4) != bits);
  CHECK(CounterRandom(1, 3).bits(3) != bits);
  CHECK(CounterRandom(2, 2).bits(3) != bits);
}

TEST_CASE("Uniform numbers lie in the unit interval with the mean and variance of it") {
  constexpr int kDraws = 100000;
  const CounterRandom random(42, 0);
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.uniform(static_cast<std::uint64_t>(i));
    if (value < 0.0 || value >= 1.0) FAIL("outside [0, 1): " << value);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  // Four standard errors: 4 * sqrt(1/12 / draws).
  CHECK(std::abs(mean - 0.5) < 0.0037);
  CHECK(std::abs(squares / kDraws - mean * mean - 1.0 / 12.0) < 0.0015);
}

TEST_CASE("Bounded numbers reach every value below the bound and no other") {
  const CounterRandom random(7, 1);
  std::array<int, 5> counts{};
  for (std::uint64_t i = 0; i < 10000; ++i) ++counts.at(random.below(5, i));
  for (const int count : counts) CHECK(std::abs(count - 2000) < 160);  // four standard deviations
  CHECK(random.below(1, 0) == 0);
}

TEST_CASE("A permutation holds every index once and depends on seed and stream alone") {
  const auto permutation = random_permutation(1000, CounterRandom(1, 2));
  auto sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<std::int64_t>(i)) FAIL("index " << i);
  CHECK(permutation != sorted);
  CHECK(random_permutation(1000, CounterRandom(1, 2)) == permutation);
  CHECK(random_permutation(1000, CounterRandom(1, 3)) != permutation);
  CHECK(random_permutation(0, CounterRandom(1, 2)).empty());
  CHECK(random_permutation(1, CounterRandom(1, 2)) == std::vector<std::int64_t>{0});
}

TEST_CASE("All orders of three come up equally often") {
  std::array<int, 27> counts{};
  for (std::uint64_t stream = 0; stream < 6000; ++stream) {
    const auto order = random_permutation(3, CounterRandom(5, stream));
    ++counts.at(static_cast<std::size_t>(order[0] * 9 + order[1] * 3 + order[2]));
  }
  CHECK(std::count(counts.begin(), counts.end(), 0) == 21);
  for (const int count : counts)
    if (count != 0) CHECK(std::abs(count - 1000) < 116);  // four standard deviations
}

}  // namespace
}  // namespace llmtool
