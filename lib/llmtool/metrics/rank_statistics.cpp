#include "llmtool/metrics/rank_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

#include "llmtool/metrics/report.h"

namespace llmtool {
namespace {

// Examples of equal score.
struct TiedExamples {
  std::int64_t num_positive = 0;
  std::int64_t num_negative = 0;
};

// From the highest score to the lowest.
std::vector<TiedExamples> tied_examples(std::vector<RankedExample> examples) {
  std::ranges::sort(examples,
                    [](const RankedExample& left, const RankedExample& right) { return left.score > right.score; });
  std::vector<TiedExamples> result;
  for (std::size_t index = 0; index < examples.size(); ++index) {
    if (index == 0 || examples[index].score != examples[index - 1].score) result.emplace_back();
    ++(examples[index].is_positive ? result.back().num_positive : result.back().num_negative);
  }
  return result;
}

}  // namespace

// Mann-Whitney U over its largest value, all in integers, so it is exact.
double area_under_roc(std::vector<RankedExample> examples) {
  std::int64_t num_positive = 0;
  std::int64_t num_negative = 0;
  std::int64_t twice_area = 0;
  for (const TiedExamples& tied : tied_examples(std::move(examples))) {
    twice_area += tied.num_negative * (2 * num_positive + tied.num_positive);
    num_positive += tied.num_positive;
    num_negative += tied.num_negative;
  }
  return static_cast<double>(twice_area) /
         (2.0 * static_cast<double>(num_positive) * static_cast<double>(num_negative));
}

double area_under_precision_recall(std::vector<RankedExample> examples) {
  ExactSum area;
  std::int64_t num_positive = 0;
  std::int64_t num_negative = 0;
  for (const TiedExamples& tied : tied_examples(std::move(examples))) {
    num_positive += tied.num_positive;
    num_negative += tied.num_negative;
    area.add(static_cast<double>(tied.num_positive) * static_cast<double>(num_positive) /
             static_cast<double>(num_positive + num_negative));
  }
  return area.value() / static_cast<double>(num_positive);
}

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

namespace {

// Sorts [begin, end) and returns by how many exchanges of neighbours.
std::int64_t sort_counting(std::vector<double>& values, std::size_t begin, std::size_t end) {
  if (end - begin < 2) return 0;
  const std::size_t middle = begin + (end - begin) / 2;
  std::int64_t exchanges = sort_counting(values, begin, middle) + sort_counting(values, middle, end);
  std::vector<double> merged;
  std::size_t left = begin;
  for (std::size_t right = middle; right < end; ++right) {
    for (; left < middle && values[left] <= values[right]; ++left) merged.push_back(values[left]);
    exchanges += static_cast<std::int64_t>(middle - left);
    merged.push_back(values[right]);
  }
  merged.insert(merged.end(), values.begin() + static_cast<std::ptrdiff_t>(left),
                values.begin() + static_cast<std::ptrdiff_t>(middle));
  std::ranges::copy(merged, values.begin() + static_cast<std::ptrdiff_t>(begin));
  return exchanges;
}

// Pairs of equal neighbours' runs in a sorted list.
template <class Values, class Equal>
std::int64_t count_ties(const Values& values, const Equal& are_equal) {
  std::int64_t ties = 0;
  std::int64_t run = 0;
  for (std::size_t index = 1; index < values.size(); ++index) {
    run = are_equal(values[index - 1], values[index]) ? run + 1 : 0;
    ties += run;
  }
  return ties;
}

}  // namespace

// By sorting and counting exchanges (Knight, "A computer method for calculating Kendall's tau with ungrouped data",
// 1966).
MetricValue kendall_correlation(std::span<const double> left, std::span<const double> right) {
  if (left.size() < 2) return MetricValue::undefined("fewer than two pairs have no correlation");
  if (are_all_equal(left) || are_all_equal(right))
    return MetricValue::undefined("all numbers on one side are equal, so nothing varies together");
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t index = 0; index < left.size(); ++index) pairs.emplace_back(left[index], right[index]);
  std::ranges::sort(pairs);
  const auto size = static_cast<std::int64_t>(pairs.size());
  const std::int64_t all = size * (size - 1) / 2;
  const std::int64_t tied_left =
      count_ties(pairs, [](const auto& one, const auto& other) { return one.first == other.first; });
  const std::int64_t tied_both = count_ties(pairs, std::equal_to<>());
  std::vector<double> others;
  for (const auto& pair : pairs) others.push_back(pair.second);
  const std::int64_t exchanges = sort_counting(others, 0, others.size());
  const std::int64_t tied_right = count_ties(others, std::equal_to<>());
  const double together = static_cast<double>(all - tied_left - tied_right + tied_both - 2 * exchanges);
  const double scale =
      std::sqrt(static_cast<double>(all - tied_left)) * std::sqrt(static_cast<double>(all - tied_right));
  return MetricValue::of(std::clamp(together / scale, -1.0, 1.0));
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
