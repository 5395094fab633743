#include "llmtool/metrics/regression_scores.h"

#include <cmath>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/metrics/rank_statistics.h"

namespace llmtool {

RegressionScores::RegressionScores(std::int64_t num_targets)
    : gold_(static_cast<std::size_t>(num_targets)), predicted_(gold_.size()) {
  if (num_targets < 1) throw std::invalid_argument("regression needs at least one target");
}

void RegressionScores::add(std::span<const double> gold, std::span<const double> predicted) {
  if (gold.size() != gold_.size() || predicted.size() != gold_.size())
    throw std::invalid_argument("there must be a number for each target");
  for (std::size_t target = 0; target < gold_.size(); ++target) {
    if (!std::isfinite(predicted[target]))
      throw NonFiniteError("the model returned a NaN or infinite number; its weights are probably damaged");
    gold_[target].push_back(gold[target]);
    predicted_[target].push_back(predicted[target]);
  }
}

void RegressionScores::merge(const RegressionScores& other) {
  if (other.gold_.size() != gold_.size()) throw std::invalid_argument("numbers of different targets");
  const RegressionScores copy = other;  // merging with itself is allowed
  for (std::size_t target = 0; target < gold_.size(); ++target) {
    gold_[target].insert(gold_[target].end(), copy.gold_[target].begin(), copy.gold_[target].end());
    predicted_[target].insert(predicted_[target].end(), copy.predicted_[target].begin(), copy.predicted_[target].end());
  }
}

namespace {

using TargetMetric = MetricValue (*)(std::span<const double> gold, std::span<const double> predicted);

template <class Term>
MetricValue mean_of(std::span<const double> gold, std::span<const double> predicted, const Term& term) {
  if (gold.empty()) return MetricValue::undefined("there are no examples");
  ExactSum sum;
  for (std::size_t example = 0; example < gold.size(); ++example) sum.add(term(gold[example] - predicted[example]));
  return MetricValue::of(sum.value() / static_cast<double>(gold.size()));
}

MetricValue squared_error(std::span<const double> gold, std::span<const double> predicted) {
  return mean_of(gold, predicted, [](double error) { return error * error; });
}

MetricValue root_of_squared_error(std::span<const double> gold, std::span<const double> predicted) {
  MetricValue value = squared_error(gold, predicted);
  if (value.value) value.value = std::sqrt(*value.value);
  return value;
}

MetricValue absolute_error(std::span<const double> gold, std::span<const double> predicted) {
  return mean_of(gold, predicted, [](double error) { return std::abs(error); });
}

MetricValue explained(std::span<const double> gold, std::span<const double> predicted) {
  if (gold.size() < 2) return MetricValue::undefined("fewer than two examples have no variance");
  ExactSum sum;
  for (const double value : gold) sum.add(value);
  const double mean = sum.value() / static_cast<double>(gold.size());
  ExactSum variance;
  for (const double value : gold) variance.add((value - mean) * (value - mean));
  if (variance.value() == 0.0) return MetricValue::undefined("all gold numbers are equal");
  const double errors = *squared_error(gold, predicted).value * static_cast<double>(gold.size());
  return MetricValue::of(1.0 - errors / variance.value());
}

MetricValue mean_over_targets(const RegressionScores& scores, TargetMetric metric) {
  ExactSum sum;
  for (std::int64_t target = 0; target < scores.num_targets(); ++target) {
    const MetricValue value = metric(scores.gold(target), scores.predicted(target));
    if (!value.value) return value;
    sum.add(*value.value);
  }
  return MetricValue::of(sum.value() / static_cast<double>(scores.num_targets()));
}

}  // namespace

MetricValue mean_squared_error(const RegressionScores& scores) { return mean_over_targets(scores, squared_error); }
MetricValue root_mean_squared_error(const RegressionScores& scores) {
  return mean_over_targets(scores, root_of_squared_error);
}
MetricValue mean_absolute_error(const RegressionScores& scores) { return mean_over_targets(scores, absolute_error); }
MetricValue r2_score(const RegressionScores& scores) { return mean_over_targets(scores, explained); }
MetricValue pearson(const RegressionScores& scores) { return mean_over_targets(scores, pearson_correlation); }
MetricValue spearman(const RegressionScores& scores) { return mean_over_targets(scores, spearman_correlation); }
MetricValue kendall(const RegressionScores& scores) { return mean_over_targets(scores, kendall_correlation); }

MetricReport regression_report(const RegressionScores& scores, const std::vector<std::string>& targets) {
  MetricReport report;
  report.metrics = figures_of<RegressionMetric>(RecordKind::kRegressionScores, scores);
  report.details["num_examples"] = scores.num_examples();
  if (targets.size() < 2) return report;
  report.details["per_target"] = Json::object();
  for (std::size_t target = 0; target < targets.size(); ++target) {
    RegressionScores one(1);
    for (std::int64_t example = 0; example < scores.num_examples(); ++example) {
      const auto index = static_cast<std::size_t>(example);
      const auto column = static_cast<std::int64_t>(target);
      one.add({&scores.gold(column)[index], 1}, {&scores.predicted(column)[index], 1});
    }
    report.details["per_target"][targets[target]] =
        MetricReport{figures_of<RegressionMetric>(RecordKind::kRegressionScores, one), Json::object()}.to_json();
  }
  return report;
}

}  // namespace llmtool
