#include "llmtool/metrics/ranking.h"

#include <algorithm>
#include <cstdint>

#include "llmtool/metrics/metric_value.h"

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

}  // namespace llmtool
