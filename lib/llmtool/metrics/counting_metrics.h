#pragma once

#include "llmtool/metrics/class_score_summary.h"
#include "llmtool/metrics/metric_value.h"

// Metrics of the confusion matrix, as scikit-learn defines them. A figure of one class is undefined where scikit-learn
// warns that it is ill-defined (nothing predicted, nothing gold); averages over classes count it as 0, as
// zero_division=0 does. Averages run over the classes that occur in gold or predictions, scikit-learn's default.
namespace llmtool {

MetricValue class_precision(const ConfusionMatrix& confusion, std::int64_t class_id);
MetricValue class_recall(const ConfusionMatrix& confusion, std::int64_t class_id);
MetricValue class_f1(const ConfusionMatrix& confusion, std::int64_t class_id);

MetricValue accuracy(const ClassScoreSummary& summary);
MetricValue positive_precision(const ClassScoreSummary& summary);
MetricValue positive_recall(const ClassScoreSummary& summary);
MetricValue positive_f1(const ClassScoreSummary& summary);
MetricValue macro_precision(const ClassScoreSummary& summary);
MetricValue macro_recall(const ClassScoreSummary& summary);
MetricValue macro_f1(const ClassScoreSummary& summary);
// With one label per example, micro precision, recall and F1 all equal accuracy.
MetricValue micro_f1(const ClassScoreSummary& summary);
MetricValue weighted_precision(const ClassScoreSummary& summary);
MetricValue weighted_recall(const ClassScoreSummary& summary);
MetricValue weighted_f1(const ClassScoreSummary& summary);
// Matthews correlation for any number of classes (Gorodkin, 2004); 0 when gold or predictions are all one class, as
// scikit-learn has it.
MetricValue matthews_correlation(const ClassScoreSummary& summary);

}  // namespace llmtool
