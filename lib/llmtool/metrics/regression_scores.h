#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "llmtool/metrics/report.h"

namespace llmtool {

// Records of regression: the gold numbers of each example and the predicted ones, one for each target. Mergeable.
class RegressionScores {
 public:
  explicit RegressionScores(std::int64_t num_targets);

  // [num_targets] each. Throws NonFiniteError for a predicted number that is NaN or infinite.
  void add(std::span<const double> gold, std::span<const double> predicted);
  // Of the same number of targets.
  void merge(const RegressionScores& other);

  std::int64_t num_targets() const { return static_cast<std::int64_t>(gold_.size()); }
  std::int64_t num_examples() const { return static_cast<std::int64_t>(gold_.front().size()); }
  // Of one target, [examples].
  const std::vector<double>& gold(std::int64_t target) const { return gold_[static_cast<std::size_t>(target)]; }
  const std::vector<double>& predicted(std::int64_t target) const {
    return predicted_[static_cast<std::size_t>(target)];
  }

 private:
  std::vector<std::vector<double>> gold_;       // [targets, examples]
  std::vector<std::vector<double>> predicted_;  // [targets, examples]
};

// Metrics as scikit-learn and scipy define them; of several targets the mean, undefined where one of them is.
MetricValue mean_squared_error(const RegressionScores& scores);
MetricValue root_mean_squared_error(const RegressionScores& scores);
MetricValue mean_absolute_error(const RegressionScores& scores);
// 1 - squared errors over the squared distances from the mean of the gold numbers; undefined where these are all equal.
MetricValue r2_score(const RegressionScores& scores);
MetricValue pearson(const RegressionScores& scores);
MetricValue spearman(const RegressionScores& scores);
MetricValue kendall(const RegressionScores& scores);

// Every metric of the table over these scores, and under details num_examples and, of several targets, per_target.
MetricReport regression_report(const RegressionScores& scores, const std::vector<std::string>& targets);

}  // namespace llmtool
