#include "llmtool/metrics/regression_scores.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

using namespace llmtool;

namespace {

RegressionScores scores_of(const Json& golden) {
  RegressionScores scores(static_cast<std::int64_t>(golden.at("gold")[0].size()));
  for (std::size_t example = 0; example < golden.at("gold").size(); ++example)
    scores.add(golden.at("gold")[example].get<std::vector<double>>(),
               golden.at("predicted")[example].get<std::vector<double>>());
  return scores;
}

}  // namespace

// Made by scripts/reference/metrics_goldens.py.
TEST_CASE("figures of regression are those of scikit-learn and scipy") {
  const Json cases = read_json_file(testing::fixture("metrics/regression.json").string(), ExitCode::kInternal);
  for (const Json& golden : cases) {
    CAPTURE(golden.at("name").get<std::string>());
    const RegressionScores scores = scores_of(golden);
    std::vector<std::string> targets;
    for (std::int64_t target = 0; target < scores.num_targets(); ++target) targets.push_back(std::to_string(target));
    const MetricReport report = regression_report(scores, targets);
    CHECK(report.metrics.size() == golden.at("figures").size());
    for (const auto& [name, expected] : golden.at("figures").items()) {
      CAPTURE(name);
      const Metric* found = report.find(name);
      REQUIRE(found != nullptr);
      REQUIRE(found->value.has_value() == !expected.is_null());
      if (found->value) CHECK(*found->value == Approx(expected.get<double>()).epsilon(1e-9).margin(1e-9));
      if (!found->value) CHECK_FALSE(found->reason.empty());
    }
    CHECK(report.details.contains("per_target") == (targets.size() > 1));
  }
}

TEST_CASE("merged records of regression give the same figures, and numbers that are none are refused") {
  RegressionScores first(1);
  RegressionScores second(1);
  const std::vector<double> low{1.0};
  const std::vector<double> high{4.0};
  first.add(low, high);
  second.add(high, low);
  first.merge(second);
  CHECK(first.num_examples() == 2);
  CHECK(*mean_absolute_error(first).value == 3.0);
  const std::vector<double> broken{std::nan("")};
  CHECK_THROWS_AS(first.add(low, broken), NonFiniteError);
}
