#pragma once

#include <span>
#include <vector>

#include "llmtool/metrics/metric_value.h"

namespace llmtool {

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
