#include "llmtool/metrics/metric_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/metrics/classification_metrics.h"

using namespace llmtool;

TEST_CASE("every row of the metric table has a name of its own in its record a help text and a function for it") {
  std::set<std::pair<RecordKind, std::string_view>> names;
  for (const MetricRow& row : metric_table()) {
    INFO(row.name);
    CHECK(names.insert({row.record, row.name}).second);
    CHECK(row.direction == find_metric(row.name)->direction);
    CHECK_FALSE(row.help.empty());
    CHECK(std::holds_alternative<ClassScoreMetric>(row.compute) == (row.record == RecordKind::kClassScores));
    CHECK(std::holds_alternative<LossMetric>(row.compute) == (row.record == RecordKind::kLoss));
    std::visit([](auto compute) { CHECK(compute != nullptr); }, row.compute);
  }
}

TEST_CASE("a report over two labels has every class score metric of the table in its order") {
  ClassScores scores(2);
  scores.add(1, std::vector<float>{0, 1});
  std::vector<std::string> reported;
  for (const Metric& metric : classification_report(scores, {"no", "yes"}).metrics) reported.push_back(metric.name);
  CHECK(reported == metric_names(RecordKind::kClassScores));
}

TEST_CASE("losses and errors are better when lower and shares when higher") {
  for (const char* name : {"loss", "log_loss", "brier", "ece", "perplexity"}) {
    INFO(name);
    REQUIRE(find_metric(name) != nullptr);
    CHECK(find_metric(name)->direction == Direction::kLowerIsBetter);
  }
  for (const char* name : {"accuracy", "macro_f1", "mcc", "roc_auc", "average_precision", "f1"}) {
    INFO(name);
    REQUIRE(find_metric(name) != nullptr);
    CHECK(find_metric(name)->direction == Direction::kHigherIsBetter);
  }
  CHECK(is_better(Direction::kHigherIsBetter, 2, 1));
  CHECK(is_better(Direction::kLowerIsBetter, 1, 2));
  CHECK_FALSE(is_better(Direction::kHigherIsBetter, 1, 1));
  CHECK_FALSE(is_better(Direction::kLowerIsBetter, 1, 1));
}

TEST_CASE("an unknown metric is not found") { CHECK(find_metric("macro_f2") == nullptr); }
