#include "llmtool/metrics/report.h"

#include <catch2/catch.hpp>

using namespace llmtool;

TEST_CASE("an undefined metric is null in JSON and its reason stands beside it") {
  MetricReport report;
  report.metrics = {{"accuracy", 0.5, ""}, {"roc_auc", std::nullopt, "label 'a' has no gold examples"}};
  report.details["num_examples"] = 4;
  CHECK(to_json_text(report.to_json()) ==
        R"({"accuracy":0.5,"roc_auc":null,"roc_auc_undefined":"label 'a' has no gold examples","num_examples":4})");
}

TEST_CASE("a metric is found by its name and an unknown one is not") {
  MetricReport report;
  report.metrics = {{"accuracy", 0.5, ""}};
  REQUIRE(report.find("accuracy") != nullptr);
  CHECK(report.find("accuracy")->value == 0.5);
  CHECK(report.find("f1") == nullptr);
}
