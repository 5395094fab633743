#include <catch2/catch.hpp>

#include "llmtool/core/errors.h"
#include "llmtool/tokenizer/encoding.h"

namespace llmtool::testing {
namespace {

constexpr auto kLongestFirst = TruncationStrategy::kLongestFirst;
constexpr auto kOnlyFirst = TruncationStrategy::kOnlyFirst;
constexpr auto kOnlySecond = TruncationStrategy::kOnlySecond;

void require_lengths(const KeptLengths& kept, std::int64_t first, std::int64_t second) {
  CHECK(kept.first == first);
  CHECK(kept.second == second);
}

TEST_CASE("What fits is not truncated") {
  require_lengths(truncated_lengths(4, 6, 10, kLongestFirst), 4, 6);
  require_lengths(truncated_lengths(4, std::nullopt, 4, kOnlySecond), 4, 0);
}

TEST_CASE("Longest first leaves the shorter text whole while it fills less than half") {
  require_lengths(truncated_lengths(3, 20, 10, kLongestFirst), 3, 7);
  require_lengths(truncated_lengths(20, 3, 10, kLongestFirst), 7, 3);
}

TEST_CASE("Longest first divides the room when both texts are long") {
  require_lengths(truncated_lengths(20, 30, 11, kLongestFirst), 5, 6);
  require_lengths(truncated_lengths(30, 20, 11, kLongestFirst), 6, 5);
}

TEST_CASE("One text is cut to the room") {
  require_lengths(truncated_lengths(20, std::nullopt, 7, kLongestFirst), 7, 0);
}

TEST_CASE("Without room nothing is kept") { require_lengths(truncated_lengths(5, 5, 0, kOnlyFirst), 0, 0); }

TEST_CASE("Only one text is cut when asked so") {
  require_lengths(truncated_lengths(8, 6, 10, kOnlyFirst), 4, 6);
  require_lengths(truncated_lengths(8, 6, 10, kOnlySecond), 8, 2);
}

TEST_CASE("A text that cannot be cut enough is an error") {
  CHECK_THROWS_AS(truncated_lengths(4, 20, 10, kOnlyFirst), DataError);
  CHECK_THROWS_AS(truncated_lengths(20, 4, 10, kOnlySecond), DataError);
  CHECK_THROWS_AS(truncated_lengths(20, std::nullopt, 10, kOnlySecond), DataError);
}

}  // namespace
}  // namespace llmtool::testing
