#include <catch2/catch.hpp>
#include <limits>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/embedding_scores.h"

namespace llmtool {
namespace {

TEST_CASE("Retrieval metrics count first places and mean reciprocal ranks") {
  RetrievalScores scores;
  for (const std::int64_t rank : {1, 2, 4, 1}) scores.add(0.5, rank);
  CHECK(*retrieval_accuracy(scores).value == 0.5);
  CHECK(*mean_reciprocal_rank(scores).value == (1.0 + 0.5 + 0.25 + 1.0) / 4.0);
}

TEST_CASE("Merged retrieval scores are those of all queries at once") {
  RetrievalScores all;
  RetrievalScores first;
  RetrievalScores second;
  for (std::int64_t rank = 1; rank <= 9; ++rank) {
    all.add(0.1 * static_cast<double>(rank), rank);
    (rank < 4 ? second : first).add(0.1 * static_cast<double>(rank), rank);
  }
  first.merge(second);
  CHECK(first.num_queries() == 9);
  CHECK(*mean_reciprocal_rank(first).value == *mean_reciprocal_rank(all).value);
  CHECK(*mean_loss(first.loss()).value == *mean_loss(all.loss()).value);
}

TEST_CASE("Without queries retrieval metrics are undefined, and wrong input is refused") {
  RetrievalScores scores;
  CHECK(retrieval_accuracy(scores).reason == "there are no queries");
  CHECK_FALSE(mean_reciprocal_rank(scores).value);
  CHECK_THROWS_AS(scores.add(0.0, 0), std::invalid_argument);
  CHECK_THROWS_AS(scores.add(std::numeric_limits<double>::quiet_NaN(), 1), NonFiniteError);
}

}  // namespace
}  // namespace llmtool
