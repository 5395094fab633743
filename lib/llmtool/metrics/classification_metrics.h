#pragma once

#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/metric_value.h"

namespace llmtool {

// Metrics of the confusion matrix, as scikit-learn defines them. A figure of one class is undefined where scikit-learn
// warns that it is ill-defined (nothing predicted, nothing gold); averages over classes count it as 0, as
// zero_division=0 does. Averages run over the classes that occur in gold or predictions, scikit-learn's default.

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

// Metrics of the predicted probabilities themselves. Undefined without examples.

// Mean of -log(probability of the gold class), natural logarithm; probabilities are clipped to 2.2e-16 from 0 and 1 as
// scikit-learn does, so one sure mistake costs at most 36.04.
MetricValue log_loss(const ClassScoreSummary& summary);

// Mean squared distance between probabilities and the gold one-hot vector, halved for two classes (scikit-learn's
// scale_by_half="auto"): 0 … 1 for two classes, 0 … 2 for more.
MetricValue brier_score(const ClassScoreSummary& summary);

// Mean gap between accuracy and confidence over 15 equal-width bins (low, high] of the top probability, weighted by the
// examples in each (Guo et al., "On calibration of modern neural networks", 2017).
MetricValue expected_calibration_error(const ClassScoreSummary& summary);

// Metrics of the order in which a class's probability puts the examples, as scikit-learn defines them. Undefined when a
// class has no gold examples, or (ROC AUC) no others.

// Area under the ROC curve; mean over classes of one against the rest (for two classes both give the same).
MetricValue roc_auc(const ClassScoreSummary& summary);

// Step-wise area under the precision-recall curve: of the positive label for two classes, else the mean over classes.
MetricValue average_precision(const ClassScoreSummary& summary);

}  // namespace llmtool
