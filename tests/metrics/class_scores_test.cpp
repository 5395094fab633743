#include "llmtool/metrics/class_scores.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "llmtool/core/errors.h"

using namespace llmtool;

TEST_CASE("equal scores predict the lowest id") {
  CHECK(top_class(std::vector<float>{1, 3, 3, 2}) == 1);
  CHECK(top_class(std::vector<float>{0, 0}) == 0);
}

TEST_CASE("the answer goes by the logits even when the probabilities round to the same value") {
  ClassScores scores(2);
  scores.add(0, std::vector<float>{0.0f, 1e-30f});
  CHECK(scores.log_probability(0, 0) == scores.log_probability(0, 1));
  CHECK(scores.predicted(0) == 1);
}

TEST_CASE("log probabilities do not overflow for large logits") {
  const std::vector<double> result = log_softmax(std::vector<float>{1000.0f, 0.0f, -1000.0f});
  CHECK(result[0] == 0.0);
  CHECK(result[1] == -1000.0);
  CHECK(result[2] == -2000.0);
}

TEST_CASE("a NaN or infinite score is an error and leaves the records as they were") {
  ClassScores scores(2);
  CHECK_THROWS_AS(scores.add(0, std::vector<float>{std::nanf(""), 1.0f}), NonFiniteError);
  CHECK_THROWS_AS(scores.add(0, std::vector<float>{1.0f, std::numeric_limits<float>::infinity()}), NonFiniteError);
  CHECK(scores.num_examples() == 0);
}

TEST_CASE("records that do not fit the number of classes are refused") {
  ClassScores scores(2);
  CHECK_THROWS_AS(scores.add(0, std::vector<float>{1, 2, 3}), std::invalid_argument);
  CHECK_THROWS_AS(scores.add(2, std::vector<float>{1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(scores.add(-1, std::vector<float>{1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(scores.merge(ClassScores(3)), std::invalid_argument);
}
