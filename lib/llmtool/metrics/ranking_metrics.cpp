#include "llmtool/metrics/ranking_metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/exact_sum.h"

namespace llmtool {
namespace {

// Examples of equal probability, from the most to the least probable.
struct TiedExamples {
  std::int64_t num_positive;
  std::int64_t num_negative;
};

std::vector<TiedExamples> ranked_examples(const ClassScores& scores, std::int64_t class_id) {
  std::vector<std::pair<double, bool>> examples;  // probability, gold
  examples.reserve(static_cast<std::size_t>(scores.num_examples()));
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    examples.emplace_back(std::exp(scores.log_probability(example, class_id)), scores.gold(example) == class_id);
  std::sort(examples.begin(), examples.end(), std::greater<>());
  std::vector<TiedExamples> result;
  for (std::size_t index = 0; index < examples.size(); ++index) {
    if (index == 0 || examples[index].first != examples[index - 1].first) result.push_back({0, 0});
    ++(examples[index].second ? result.back().num_positive : result.back().num_negative);
  }
  return result;
}

// Mann-Whitney U over its largest value, ties counted half; all in integers, so it is exact.
double area_under_roc(const ClassScores& scores, std::int64_t class_id) {
  std::int64_t num_positive = 0;
  std::int64_t num_negative = 0;
  std::int64_t twice_area = 0;
  for (const TiedExamples& tied : ranked_examples(scores, class_id)) {
    twice_area += tied.num_negative * (2 * num_positive + tied.num_positive);
    num_positive += tied.num_positive;
    num_negative += tied.num_negative;
  }
  return static_cast<double>(twice_area) /
         (2.0 * static_cast<double>(num_positive) * static_cast<double>(num_negative));
}

double area_under_precision_recall(const ClassScores& scores, std::int64_t class_id) {
  ExactSum area;
  std::int64_t num_positive = 0;
  std::int64_t num_negative = 0;
  for (const TiedExamples& tied : ranked_examples(scores, class_id)) {
    num_positive += tied.num_positive;
    num_negative += tied.num_negative;
    area.add(static_cast<double>(tied.num_positive) * static_cast<double>(num_positive) /
             static_cast<double>(num_positive + num_negative));
  }
  return area.value() / static_cast<double>(num_positive);
}

std::string label_name(const ClassScoreSummary& summary, std::int64_t class_id) {
  return "label " + quote(summary.labels[static_cast<std::size_t>(class_id)]);
}

MetricValue mean_over_classes(const ClassScoreSummary& summary, double (*area)(const ClassScores&, std::int64_t)) {
  ExactSum sum;
  const std::int64_t num_classes = summary.scores.num_classes();
  for (std::int64_t class_id = 0; class_id < num_classes; ++class_id) sum.add(area(summary.scores, class_id));
  return MetricValue::of(sum.value() / static_cast<double>(num_classes));
}

// First class without gold examples, or -1.
std::int64_t absent_class(const ConfusionMatrix& confusion) {
  for (std::int64_t class_id = 0; class_id < confusion.num_classes(); ++class_id)
    if (confusion.num_gold(class_id) == 0) return class_id;
  return -1;
}

}  // namespace

MetricValue roc_auc(const ClassScoreSummary& summary) {
  if (summary.scores.num_classes() < 2) return MetricValue::undefined("there is only one label");
  if (const std::int64_t absent = absent_class(summary.confusion); absent >= 0)
    return MetricValue::undefined(label_name(summary, absent) + " has no gold examples");
  if (summary.scores.num_classes() == 2) return MetricValue::of(area_under_roc(summary.scores, summary.positive_label));
  return mean_over_classes(summary, area_under_roc);
}

MetricValue average_precision(const ClassScoreSummary& summary) {
  if (summary.scores.num_classes() == 2) {
    if (summary.confusion.num_gold(summary.positive_label) == 0)
      return MetricValue::undefined(label_name(summary, summary.positive_label) + " has no gold examples");
    return MetricValue::of(area_under_precision_recall(summary.scores, summary.positive_label));
  }
  if (const std::int64_t absent = absent_class(summary.confusion); absent >= 0)
    return MetricValue::undefined(label_name(summary, absent) + " has no gold examples");
  return mean_over_classes(summary, area_under_precision_recall);
}

}  // namespace llmtool
