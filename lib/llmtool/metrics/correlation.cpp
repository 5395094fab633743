#include "llmtool/metrics/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace llmtool {
namespace {

std::vector<double> centred(std::span<const double> values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::vector<double> result;
  for (const double value : values) result.push_back(value - mean);
  return result;
}

bool are_all_equal(std::span<const double> values) {
  return std::ranges::all_of(values, [&](double value) { return value == values.front(); });
}

}  // namespace

MetricValue pearson_correlation(std::span<const double> left, std::span<const double> right) {
  if (left.size() < 2) return MetricValue::undefined("fewer than two pairs have no correlation");
  if (are_all_equal(left) || are_all_equal(right))
    return MetricValue::undefined("all numbers on one side are equal, so nothing varies together");
  const std::vector<double> a = centred(left);
  const std::vector<double> b = centred(right);
  const double together = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double scale = std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0)) *
                       std::sqrt(std::inner_product(b.begin(), b.end(), b.begin(), 0.0));
  return MetricValue::of(std::clamp(together / scale, -1.0, 1.0));
}

MetricValue spearman_correlation(std::span<const double> left, std::span<const double> right) {
  return pearson_correlation(average_ranks(left), average_ranks(right));
}

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t index) { return values[index]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (; begin < end; ++begin) ranks[order[begin]] = rank;
  }
  return ranks;
}

}  // namespace llmtool
