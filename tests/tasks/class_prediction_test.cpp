#include <catch2/catch.hpp>
#include <limits>

#include "llmtool/core/errors.h"
#include "llmtool/tasks/classification/session.h"

namespace llmtool {
namespace {

TEST_CASE("a prediction is the most probable label and ties go to the lowest id") {
  const std::vector<float> logits{0.0F, 2.0F, 2.0F};
  const ClassPrediction prediction = predict_class(logits);
  CHECK(prediction.label == 1);
  CHECK(prediction.probabilities[1] == prediction.probabilities[2]);
  CHECK(prediction.probabilities[0] + 2 * prediction.probabilities[1] == Approx(1.0).epsilon(1e-14));
}

TEST_CASE("scores that are not finite make no prediction") {
  const std::vector<float> logits{0.0F, std::numeric_limits<float>::infinity()};
  CHECK_THROWS_AS(predict_class(logits), NonFiniteError);
}

}  // namespace
}  // namespace llmtool
