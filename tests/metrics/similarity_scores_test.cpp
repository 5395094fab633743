#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/embedding_scores.h"
#include "llmtool/metrics/rank_statistics.h"

namespace llmtool {
namespace {

SimilarityScores scores_of(const Json& tested) {
  SimilarityScores scores;
  const auto cosines = tested.at("cosines").get<std::vector<double>>();
  const auto gold = tested.at("gold").get<std::vector<double>>();
  for (std::size_t i = 0; i < gold.size(); ++i) scores.add(cosines[i], gold[i]);
  return scores;
}

void check(const MetricValue& found, const Json& expected) {
  REQUIRE(found.value.has_value() == !expected.is_null());
  if (found.value) CHECK(std::abs(*found.value - expected.get<double>()) < 1e-12);
  if (!found.value) CHECK_FALSE(found.reason.empty());
}

TEST_CASE("Correlations of cosines and gold scores are those of scipy") {
  const Json cases = read_json_file(testing::fixture("metrics/similarity.json").string(), ExitCode::kInternal);
  REQUIRE(cases.size() > 5);
  for (const Json& tested : cases) {
    CAPTURE(tested.at("name").get<std::string>());
    const SimilarityScores scores = scores_of(tested);
    check(spearman_cosine(scores), tested.at("spearman"));
    check(pearson_cosine(scores), tested.at("pearson"));
  }
}

TEST_CASE("Merged parts are the whole") {
  SimilarityScores whole, left, right;
  for (int i = 0; i < 9; ++i) {
    whole.add(i % 4, i);
    (i < 4 ? left : right).add(i % 4, i);
  }
  left.merge(right);
  CHECK(left.num_pairs() == 9);
  CHECK(*spearman_cosine(left).value == *spearman_cosine(whole).value);
}

TEST_CASE("A similarity that is NaN is an error") {
  SimilarityScores scores;
  CHECK_THROWS_AS(scores.add(std::numeric_limits<double>::quiet_NaN(), 1.0), NonFiniteError);
  CHECK_THROWS_AS(scores.add(0.5, std::numeric_limits<double>::infinity()), NonFiniteError);
}

TEST_CASE("Equal numbers share the mean of their ranks") {
  CHECK(average_ranks(std::vector<double>{3.0, 1.0, 3.0, 2.0}) == std::vector<double>{3.5, 1.0, 3.5, 2.0});
  CHECK(average_ranks({}).empty());
}

}  // namespace
}  // namespace llmtool
