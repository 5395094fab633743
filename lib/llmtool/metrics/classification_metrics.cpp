#include "llmtool/metrics/classification_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/metrics/rank_statistics.h"
#include "llmtool/metrics/report.h"

namespace llmtool {
namespace {

using ClassMetric = MetricValue (*)(const ConfusionMatrix&, std::int64_t);

constexpr const char* kNoExamples = "there are no examples";

double ratio(std::int64_t part, std::int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

bool occurs(const ConfusionMatrix& confusion, std::int64_t class_id) {
  return confusion.num_gold(class_id) > 0 || confusion.num_predicted(class_id) > 0;
}

MetricValue macro_average(const ConfusionMatrix& confusion, ClassMetric metric) {
  ExactSum sum;
  std::int64_t num_classes = 0;
  for (std::int64_t class_id = 0; class_id < confusion.num_classes(); ++class_id) {
    if (!occurs(confusion, class_id)) continue;
    sum.add(metric(confusion, class_id).value.value_or(0.0));
    ++num_classes;
  }
  if (num_classes == 0) return MetricValue::undefined(kNoExamples);
  return MetricValue::of(sum.value() / static_cast<double>(num_classes));
}

MetricValue support_average(const ConfusionMatrix& confusion, ClassMetric metric) {
  if (confusion.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  ExactSum sum;
  for (std::int64_t class_id = 0; class_id < confusion.num_classes(); ++class_id)
    sum.add(metric(confusion, class_id).value.value_or(0.0) * static_cast<double>(confusion.num_gold(class_id)));
  return MetricValue::of(sum.value() / static_cast<double>(confusion.num_examples()));
}

// Names the class in the reason: the figure stands alone in a report, unlike those under per_class.
MetricValue of_positive_label(const ClassScoreSummary& summary, ClassMetric metric) {
  MetricValue result = metric(summary.confusion, summary.positive_label);
  if (!result.value)
    result.reason =
        "label " + quote(summary.labels[static_cast<std::size_t>(summary.positive_label)]) + ": " + result.reason;
  return result;
}

}  // namespace

MetricValue class_precision(const ConfusionMatrix& confusion, std::int64_t class_id) {
  if (confusion.num_predicted(class_id) == 0) return MetricValue::undefined("never predicted");
  return MetricValue::of(ratio(confusion.count(class_id, class_id), confusion.num_predicted(class_id)));
}

MetricValue class_recall(const ConfusionMatrix& confusion, std::int64_t class_id) {
  if (confusion.num_gold(class_id) == 0) return MetricValue::undefined("no gold examples");
  return MetricValue::of(ratio(confusion.count(class_id, class_id), confusion.num_gold(class_id)));
}

MetricValue class_f1(const ConfusionMatrix& confusion, std::int64_t class_id) {
  if (!occurs(confusion, class_id)) return MetricValue::undefined("no gold examples and never predicted");
  return MetricValue::of(
      ratio(2 * confusion.count(class_id, class_id), confusion.num_gold(class_id) + confusion.num_predicted(class_id)));
}

MetricValue accuracy(const ClassScoreSummary& summary) {
  if (summary.confusion.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  return MetricValue::of(ratio(summary.confusion.num_correct(), summary.confusion.num_examples()));
}

MetricValue positive_precision(const ClassScoreSummary& summary) { return of_positive_label(summary, class_precision); }
MetricValue positive_recall(const ClassScoreSummary& summary) { return of_positive_label(summary, class_recall); }
MetricValue positive_f1(const ClassScoreSummary& summary) { return of_positive_label(summary, class_f1); }

MetricValue macro_precision(const ClassScoreSummary& summary) {
  return macro_average(summary.confusion, class_precision);
}
MetricValue macro_recall(const ClassScoreSummary& summary) { return macro_average(summary.confusion, class_recall); }
MetricValue macro_f1(const ClassScoreSummary& summary) { return macro_average(summary.confusion, class_f1); }

MetricValue micro_f1(const ClassScoreSummary& summary) { return accuracy(summary); }

MetricValue weighted_precision(const ClassScoreSummary& summary) {
  return support_average(summary.confusion, class_precision);
}
MetricValue weighted_recall(const ClassScoreSummary& summary) {
  return support_average(summary.confusion, class_recall);
}
MetricValue weighted_f1(const ClassScoreSummary& summary) { return support_average(summary.confusion, class_f1); }

MetricValue matthews_correlation(const ClassScoreSummary& summary) {
  const ConfusionMatrix& confusion = summary.confusion;
  if (confusion.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  const std::int64_t num_examples = confusion.num_examples();
  std::int64_t gold_times_predicted = 0;
  std::int64_t gold_squared = 0;
  std::int64_t predicted_squared = 0;
  for (std::int64_t class_id = 0; class_id < confusion.num_classes(); ++class_id) {
    gold_times_predicted += confusion.num_gold(class_id) * confusion.num_predicted(class_id);
    gold_squared += confusion.num_gold(class_id) * confusion.num_gold(class_id);
    predicted_squared += confusion.num_predicted(class_id) * confusion.num_predicted(class_id);
  }
  const std::int64_t squared = num_examples * num_examples;
  const double variances =
      static_cast<double>(squared - gold_squared) * static_cast<double>(squared - predicted_squared);
  if (variances == 0.0) return MetricValue::of(0.0);
  const std::int64_t covariance = confusion.num_correct() * num_examples - gold_times_predicted;
  return MetricValue::of(static_cast<double>(covariance) / std::sqrt(variances));
}

namespace {

double squared_distance(const ClassScores& scores, std::int64_t example) {
  double distance = 0.0;
  for (std::int64_t class_id = 0; class_id < scores.num_classes(); ++class_id) {
    const double truth = scores.gold(example) == class_id ? 1.0 : 0.0;
    const double difference = std::exp(scores.log_probability(example, class_id)) - truth;
    distance += difference * difference;
  }
  return distance;
}

struct CalibrationBin {
  ExactSum confidence;
  std::int64_t num_correct = 0;
};

}  // namespace

MetricValue log_loss(const ClassScoreSummary& summary) {
  const ClassScores& scores = summary.scores;
  if (scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const double lowest = std::log(kEpsilon);
  const double highest = std::log(1.0 - kEpsilon);
  ExactSum sum;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    sum.add(-std::clamp(scores.log_probability(example, scores.gold(example)), lowest, highest));
  return MetricValue::of(sum.value() / static_cast<double>(scores.num_examples()));
}

MetricValue brier_score(const ClassScoreSummary& summary) {
  const ClassScores& scores = summary.scores;
  if (scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  ExactSum sum;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example) sum.add(squared_distance(scores, example));
  const double scale = scores.num_classes() == 2 ? 0.5 : 1.0;
  return MetricValue::of(scale * sum.value() / static_cast<double>(scores.num_examples()));
}

MetricValue expected_calibration_error(const ClassScoreSummary& summary) {
  const ClassScores& scores = summary.scores;
  if (scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  constexpr std::int64_t kNumBins = 15;
  std::array<CalibrationBin, kNumBins> bins;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example) {
    const std::int64_t predicted = scores.predicted(example);
    const double confidence = std::min(1.0, std::exp(scores.log_probability(example, predicted)));
    const auto index = static_cast<std::int64_t>(std::ceil(confidence * kNumBins)) - 1;
    CalibrationBin& bin = bins[static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, kNumBins - 1))];
    bin.confidence.add(confidence);
    bin.num_correct += predicted == scores.gold(example);
  }
  ExactSum gaps;
  for (const CalibrationBin& bin : bins)
    gaps.add(std::abs(static_cast<double>(bin.num_correct) - bin.confidence.value()));
  return MetricValue::of(gaps.value() / static_cast<double>(scores.num_examples()));
}

namespace {

std::vector<RankedExample> ranked_examples(const ClassScores& scores, std::int64_t class_id) {
  std::vector<RankedExample> examples;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    examples.push_back({std::exp(scores.log_probability(example, class_id)), scores.gold(example) == class_id});
  return examples;
}

std::string label_name(const ClassScoreSummary& summary, std::int64_t class_id) {
  return "label " + quote(summary.labels[static_cast<std::size_t>(class_id)]);
}

MetricValue mean_over_classes(const ClassScoreSummary& summary, double (*area)(std::vector<RankedExample>)) {
  ExactSum sum;
  const std::int64_t num_classes = summary.scores.num_classes();
  for (std::int64_t class_id = 0; class_id < num_classes; ++class_id)
    sum.add(area(ranked_examples(summary.scores, class_id)));
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
  if (summary.scores.num_classes() == 2)
    return MetricValue::of(area_under_roc(ranked_examples(summary.scores, summary.positive_label)));
  return mean_over_classes(summary, area_under_roc);
}

MetricValue average_precision(const ClassScoreSummary& summary) {
  if (summary.scores.num_classes() == 2) {
    if (summary.confusion.num_gold(summary.positive_label) == 0)
      return MetricValue::undefined(label_name(summary, summary.positive_label) + " has no gold examples");
    return MetricValue::of(area_under_precision_recall(ranked_examples(summary.scores, summary.positive_label)));
  }
  if (const std::int64_t absent = absent_class(summary.confusion); absent >= 0)
    return MetricValue::undefined(label_name(summary, absent) + " has no gold examples");
  return mean_over_classes(summary, area_under_precision_recall);
}

namespace {

Json class_figures(const ConfusionMatrix& confusion, std::int64_t class_id) {
  Json figures = Json::object();
  set_figure(figures, "precision", class_precision(confusion, class_id));
  set_figure(figures, "recall", class_recall(confusion, class_id));
  set_figure(figures, "f1", class_f1(confusion, class_id));
  figures["support"] = confusion.num_gold(class_id);
  return figures;
}

Json confusion_json(const ConfusionMatrix& confusion, const std::vector<std::string>& labels) {
  Json rows = Json::array();
  for (std::int64_t gold = 0; gold < confusion.num_classes(); ++gold) {
    Json row = Json::array();
    for (std::int64_t predicted = 0; predicted < confusion.num_classes(); ++predicted)
      row.push_back(confusion.count(gold, predicted));
    rows.push_back(std::move(row));
  }
  return Json{{"labels", labels}, {"rows", std::move(rows)}};
}

Json details_of(const ClassScoreSummary& summary) {
  const ConfusionMatrix& confusion = summary.confusion;
  Json details = Json::object();
  details["num_examples"] = confusion.num_examples();
  if (confusion.num_classes() == 2)
    details["positive_label"] = summary.labels[static_cast<std::size_t>(summary.positive_label)];
  Json support = Json::object();
  Json per_class = Json::object();
  for (std::int64_t class_id = 0; class_id < confusion.num_classes(); ++class_id) {
    const std::string& label = summary.labels[static_cast<std::size_t>(class_id)];
    support[label] = confusion.num_gold(class_id);
    per_class[label] = class_figures(confusion, class_id);
  }
  details["support"] = std::move(support);
  details["per_class"] = std::move(per_class);
  details["confusion_matrix"] = confusion_json(confusion, summary.labels);
  return details;
}

}  // namespace

MetricReport classification_report(const ClassScores& scores, const std::vector<std::string>& labels,
                                   std::int64_t positive_label) {
  if (static_cast<std::int64_t>(labels.size()) != scores.num_classes())
    throw std::invalid_argument("one label name per class is needed");
  if (scores.num_classes() == 2 && positive_label != 0 && positive_label != 1)
    throw std::invalid_argument("the positive label is 0 or 1");
  const ConfusionMatrix confusion(scores);
  const ClassScoreSummary summary{scores, confusion, labels, positive_label};
  MetricReport report;
  for (const MetricRow& row : metric_table()) {
    if (row.record != RecordKind::kClassScores) continue;
    if (row.two_classes_only && scores.num_classes() != 2) continue;
    const MetricValue value = std::get<ClassScoreMetric>(row.compute)(summary);
    report.metrics.push_back({std::string(row.name), value.value, value.reason});
  }
  report.details = details_of(summary);
  return report;
}

namespace {

constexpr double kCollapsedShare = 0.95;

double share(const ConfusionMatrix& confusion, std::int64_t count) {
  return static_cast<double>(count) / static_cast<double>(confusion.num_examples());
}

}  // namespace

MajorityBaseline majority_baseline(const ConfusionMatrix& confusion) {
  std::int64_t majority = 0;
  for (std::int64_t class_id = 1; class_id < confusion.num_classes(); ++class_id)
    if (confusion.num_gold(class_id) > confusion.num_gold(majority)) majority = class_id;
  return {majority, share(confusion, confusion.num_gold(majority))};
}

TopAnswer top_answer(const ConfusionMatrix& confusion) {
  std::int64_t top = 0;
  for (std::int64_t class_id = 1; class_id < confusion.num_classes(); ++class_id)
    if (confusion.num_predicted(class_id) > confusion.num_predicted(top)) top = class_id;
  return {top, share(confusion, confusion.num_predicted(top)), share(confusion, confusion.num_gold(top))};
}

bool has_collapsed(const ConfusionMatrix& confusion) {
  if (confusion.num_examples() == 0) return false;
  const TopAnswer top = top_answer(confusion);
  return top.share >= kCollapsedShare && top.gold_share < kCollapsedShare;
}

bool is_no_better_than_majority(const ConfusionMatrix& confusion) {
  if (confusion.num_examples() == 0) return false;
  const MajorityBaseline baseline = majority_baseline(confusion);
  return baseline.accuracy < 1.0 && confusion.num_correct() <= confusion.num_gold(baseline.class_id);
}

std::vector<Confusion> worst_confusions(const ConfusionMatrix& confusion, std::int64_t limit) {
  std::vector<Confusion> result;
  for (std::int64_t gold = 0; gold < confusion.num_classes(); ++gold)
    for (std::int64_t predicted = 0; predicted < confusion.num_classes(); ++predicted)
      if (const std::int64_t count = confusion.count(gold, predicted); gold != predicted && count > 0)
        result.push_back({gold, predicted, count, static_cast<double>(count) / confusion.num_gold(gold)});
  std::stable_sort(result.begin(), result.end(),
                   [](const Confusion& left, const Confusion& right) { return left.count > right.count; });
  if (static_cast<std::int64_t>(result.size()) > limit) result.resize(static_cast<std::size_t>(limit));
  return result;
}

}  // namespace llmtool
