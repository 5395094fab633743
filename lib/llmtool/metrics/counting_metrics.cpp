#include "llmtool/metrics/counting_metrics.h"

#include <cmath>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/exact_sum.h"

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

}  // namespace llmtool
