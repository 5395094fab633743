#include "llmtool/metrics/multi_label_scores.h"

#include <catch2/catch.hpp>
#include <limits>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

using namespace llmtool;

namespace {

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t label = 0; label < count; ++label) result.push_back("label " + std::to_string(label));
  return result;
}

MultiLabelScores scores_of(const Json& golden) {
  MultiLabelScores scores(static_cast<std::int64_t>(golden.at("thresholds").size()));
  for (std::size_t example = 0; example < golden.at("gold").size(); ++example)
    scores.add(golden.at("gold")[example].get<std::vector<std::int64_t>>(),
               golden.at("logits")[example].get<std::vector<float>>());
  return scores;
}

}  // namespace

// Made by scripts/reference/metrics_goldens.py.
TEST_CASE("figures of several labels an example are those of scikit-learn") {
  const Json cases = read_json_file(testing::fixture("metrics/multi_label.json").string(), ExitCode::kInternal);
  for (const Json& golden : cases) {
    CAPTURE(golden.at("name").get<std::string>());
    const auto thresholds = golden.at("thresholds").get<std::vector<double>>();
    const MetricReport report = multi_label_report(scores_of(golden), names(thresholds.size()), thresholds);
    CHECK(report.metrics.size() == golden.at("figures").size());
    for (const auto& [name, expected] : golden.at("figures").items()) {
      CAPTURE(name);
      const Metric* found = report.find(name);
      REQUIRE(found != nullptr);
      REQUIRE(found->value.has_value() == !expected.is_null());
      if (found->value) CHECK(*found->value == Approx(expected.get<double>()).margin(1e-12));
      if (!found->value) CHECK_FALSE(found->reason.empty());
    }
  }
}

TEST_CASE("merged records of several labels give the same figures in any order") {
  const Json golden = read_json_file(testing::fixture("metrics/multi_label.json").string(), ExitCode::kInternal)[2];
  const auto thresholds = golden.at("thresholds").get<std::vector<double>>();
  MultiLabelScores first(4);
  MultiLabelScores second(4);
  for (std::size_t example = 0; example < golden.at("gold").size(); ++example)
    (example % 3 == 0 ? first : second)
        .add(golden.at("gold")[example].get<std::vector<std::int64_t>>(),
             golden.at("logits")[example].get<std::vector<float>>());
  second.merge(first);
  CHECK(multi_label_report(second, names(4), thresholds).to_json() ==
        multi_label_report(scores_of(golden), names(4), thresholds).to_json());
}

TEST_CASE("a tuned threshold has the best F1 of all, the nearest to a half of several") {
  const Json cases = read_json_file(testing::fixture("metrics/multi_label.json").string(), ExitCode::kInternal);
  const MultiLabelScores scores = scores_of(cases[0]);
  const auto f1_at = [&](double threshold) {
    return *multi_label_report(scores, names(5), std::vector<double>(5, threshold))
                .details.at("per_class")
                .at("label 3")
                .at("f1")
                .get_ptr<const double*>();
  };
  const double tuned = tune_thresholds(scores).at(3);
  for (double threshold = 0.01; threshold < 0.97; threshold += 0.01) CHECK(f1_at(threshold) <= f1_at(tuned));

  MultiLabelScores clear(2);
  clear.add(std::vector<std::int64_t>{0}, std::vector<float>{5, -5});
  clear.add(std::vector<std::int64_t>{}, std::vector<float>{-5, -4});
  CHECK(tune_thresholds(clear) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("a score that is no number is refused") {
  MultiLabelScores scores(2);
  const std::vector<float> broken{0, std::numeric_limits<float>::quiet_NaN()};
  CHECK_THROWS_AS(scores.add({}, broken), NonFiniteError);
}
