#pragma once

#include "llmtool/metrics/class_score_summary.h"
#include "llmtool/metrics/metric_value.h"

// Metrics of the order in which a class's probability puts the examples, as scikit-learn defines them. Undefined when a
// class has no gold examples, or (ROC AUC) no others.
namespace llmtool {

// Area under the ROC curve; mean over classes of one against the rest (for two classes both give the same).
MetricValue roc_auc(const ClassScoreSummary& summary);

// Step-wise area under the precision-recall curve: of the positive label for two classes, else the mean over classes.
MetricValue average_precision(const ClassScoreSummary& summary);

}  // namespace llmtool
