#include <catch2/catch.hpp>

#include "llmtool/core/errors.h"
#include "llmtool/tasks/classification/objective.h"

namespace llmtool {
namespace {

const LabelSet kRatings({"bad", "fair", "good"});
const std::vector<std::int64_t> kCounts{10, 30, 60};

TEST_CASE("balanced weights are examples over labels times examples of the label") {
  const auto weights = label_weights({LabelWeights::Kind::kBalanced, {}}, kRatings, kCounts);
  CHECK(weights[0] == Approx(100.0 / 30.0));
  CHECK(weights[1] == Approx(100.0 / 90.0));
  CHECK(weights[2] == Approx(100.0 / 180.0));
}

TEST_CASE("named weights leave the other labels at one") {
  CHECK(label_weights({LabelWeights::Kind::kByName, {{"fair", 4.0}}}, kRatings, {}) ==
        std::vector<double>{1.0, 4.0, 1.0});
  CHECK(label_weights({}, kRatings, {}) == std::vector<double>{1.0, 1.0, 1.0});
}

TEST_CASE("weights that do not fit the labels are refused by name") {
  CHECK_THROWS_WITH(label_weights({LabelWeights::Kind::kByName, {{"goood", 2.0}}}, kRatings, {}),
                    Catch::Contains("'goood'") && Catch::Contains("did you mean 'good'"));
  CHECK_THROWS_WITH(label_weights({LabelWeights::Kind::kBalanced, {}}, kRatings, std::vector<std::int64_t>{1, 0, 2}),
                    Catch::Contains("'fair'") && Catch::Contains("never occurs"));
}

}  // namespace
}  // namespace llmtool
