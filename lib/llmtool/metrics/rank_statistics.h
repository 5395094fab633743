#pragma once

#include <span>
#include <vector>

#include "llmtool/metrics/report.h"

namespace llmtool {

// An example with the score that ranks it among others, and whether it is one of those to be found.
struct RankedExample {
  double score;
  bool is_positive;
};

// Area under the ROC curve: the share of pairs of a positive and a negative that are ranked right, ties counted half.
// There must be a positive and a negative.
double area_under_roc(std::vector<RankedExample> examples);

// Area under the precision-recall curve in steps, as scikit-learn's average_precision_score. There must be a positive.
double area_under_precision_recall(std::vector<RankedExample> examples);

// Correlations of two lists of numbers, as scipy.stats computes them. Both lists have the same length and hold finite
// numbers. Undefined for fewer than two pairs, and where all numbers of a list are equal.

MetricValue pearson_correlation(std::span<const double> left, std::span<const double> right);

// Pearson's of the ranks; equal numbers share the mean of the ranks they take up.
MetricValue spearman_correlation(std::span<const double> left, std::span<const double> right);

// Kendall's tau-b: pairs in the same order less pairs in the other, over the root of the product of the pairs that are
// not tied on either side.
MetricValue kendall_correlation(std::span<const double> left, std::span<const double> right);

// Ranks from 1, by value.
std::vector<double> average_ranks(std::span<const double> values);

}  // namespace llmtool
