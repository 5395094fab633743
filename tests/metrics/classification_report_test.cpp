#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/core/random.h"
#include "llmtool/metrics/classification_metrics.h"

using namespace llmtool;

namespace {

std::vector<std::string> label_names(std::int64_t num_classes) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < num_classes; ++i) names.push_back("label " + std::to_string(i));
  return names;
}

ClassScores scores_of(const Json& test_case) {
  ClassScores scores(static_cast<std::int64_t>(test_case["logits"][0].size()));
  for (std::size_t i = 0; i < test_case["gold"].size(); ++i)
    scores.add(test_case["gold"][i].get<std::int64_t>(), test_case["logits"][i].get<std::vector<float>>());
  return scores;
}

void check_figure(const std::string& name, const Json& actual, const Json& expected) {
  INFO(name);
  if (expected.is_null()) {
    CHECK(actual.is_null());
  } else {
    REQUIRE(actual.is_number());
    CHECK(actual.get<double>() == Approx(expected.get<double>()).epsilon(0).margin(1e-9));
  }
}

Json goldens() { return read_json_file(testing::fixture("metrics/classification.json").string(), ExitCode::kInternal); }

ClassScores random_scores(std::int64_t num_examples, std::int64_t num_classes, const std::vector<std::int64_t>& order,
                          std::int64_t num_parts) {
  const CounterRandom random(3, 1);
  std::vector<ClassScores> parts(static_cast<std::size_t>(num_parts), ClassScores(num_classes));
  for (const std::int64_t example : order) {
    std::vector<float> logits;
    for (std::int64_t k = 0; k < num_classes; ++k)
      logits.push_back(static_cast<float>(random.uniform(static_cast<std::uint64_t>(example * num_classes + k)) * 4));
    const auto gold = static_cast<std::int64_t>(random.below(
        static_cast<std::uint64_t>(num_classes), static_cast<std::uint64_t>(num_examples * num_classes + example)));
    parts[static_cast<std::size_t>(example % num_parts)].add(gold, logits);
  }
  for (std::size_t i = 1; i < parts.size(); ++i) parts[0].merge(parts[i]);
  return parts[0];
}

}  // namespace

TEST_CASE("every figure equals scikit-learn") {
  for (const Json& test_case : goldens()) {
    INFO(test_case["name"].get<std::string>());
    const ClassScores scores = scores_of(test_case);
    const auto labels = label_names(scores.num_classes());
    const Json report =
        classification_report(scores, labels, test_case["positive_label"].get<std::int64_t>()).to_json();
    CHECK(test_case["figures"].size() >= 14);
    for (const auto& [name, expected] : test_case["figures"].items()) {
      REQUIRE(report.contains(name));
      check_figure(name, report[name], expected);
    }
    for (std::size_t k = 0; k < labels.size(); ++k)
      for (const auto& [name, expected] : test_case["per_class"][k].items())
        check_figure(labels[k] + " " + name, report["per_class"][labels[k]][name], expected);
    CHECK(report["confusion_matrix"]["rows"] == test_case["confusion_matrix"]);
    CHECK(report["confusion_matrix"]["labels"] == Json(labels));
    CHECK(report["num_examples"] == test_case["gold"].size());
  }
}

TEST_CASE("every undefined figure says why") {
  for (const Json& test_case : goldens()) {
    const ClassScores scores = scores_of(test_case);
    const MetricReport report = classification_report(scores, label_names(scores.num_classes()));
    for (const Metric& metric : report.metrics) {
      INFO(metric.name);
      CHECK(metric.reason.empty() == metric.value.has_value());
    }
  }
}

TEST_CASE("a report is the same bits for any order of examples and any number of merged parts") {
  const std::int64_t num_examples = 301;
  for (const std::int64_t num_classes : {2, 5}) {
    const auto labels = label_names(num_classes);
    const auto first = random_permutation(num_examples, CounterRandom(1, 0));
    const Json expected = classification_report(random_scores(num_examples, num_classes, first, 1), labels).to_json();
    for (std::uint64_t trial = 1; trial <= 5; ++trial) {
      const auto order = random_permutation(num_examples, CounterRandom(1, trial));
      const auto scores = random_scores(num_examples, num_classes, order, static_cast<std::int64_t>(trial));
      CHECK(classification_report(scores, labels).to_json() == expected);
    }
  }
}

TEST_CASE("precision recall and f1 of a positive label are given for two labels only") {
  const auto order = random_permutation(20, CounterRandom(1, 0));
  const MetricReport three = classification_report(random_scores(20, 3, order, 1), label_names(3));
  CHECK(three.find("f1") == nullptr);
  CHECK_FALSE(three.details.contains("positive_label"));
  const MetricReport two = classification_report(random_scores(20, 2, order, 1), {"no", "yes"}, 0);
  CHECK(two.find("f1") != nullptr);
  CHECK(two.details["positive_label"] == "no");
  CHECK(*two.find("f1")->value == two.details["per_class"]["no"]["f1"]);
}

TEST_CASE("a report over no examples has only undefined figures") {
  const MetricReport report = classification_report(ClassScores(2), {"no", "yes"});
  for (const Metric& metric : report.metrics) {
    INFO(metric.name);
    CHECK_FALSE(metric.value);
    CHECK_FALSE(metric.reason.empty());
  }
  CHECK(report.details["num_examples"] == 0);
}

TEST_CASE("support counts the gold labels by name") {
  ClassScores scores(2);
  scores.add(0, std::vector<float>{1, 0});
  scores.add(0, std::vector<float>{0, 1});
  scores.add(1, std::vector<float>{0, 1});
  CHECK(classification_report(scores, {"no", "yes"}).details["support"] == Json{{"no", 2}, {"yes", 1}});
}

TEST_CASE("a report needs one name per class") {
  CHECK_THROWS_AS(classification_report(ClassScores(2), {"a"}), std::invalid_argument);
  CHECK_THROWS_AS(classification_report(ClassScores(2), {"a", "b"}, 2), std::invalid_argument);
}
