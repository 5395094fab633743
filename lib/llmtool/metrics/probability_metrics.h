#pragma once

#include "llmtool/metrics/class_score_summary.h"
#include "llmtool/metrics/metric_value.h"

// Metrics of the predicted probabilities themselves. Undefined without examples.
namespace llmtool {

// Mean of -log(probability of the gold class), natural logarithm; probabilities are clipped to 2.2e-16 from 0 and 1 as
// scikit-learn does, so one sure mistake costs at most 36.04.
MetricValue log_loss(const ClassScoreSummary& summary);

// Mean squared distance between probabilities and the gold one-hot vector, halved for two classes (scikit-learn's
// scale_by_half="auto"): 0 … 1 for two classes, 0 … 2 for more.
MetricValue brier_score(const ClassScoreSummary& summary);

// Mean gap between accuracy and confidence over 15 equal-width bins (low, high] of the top probability, weighted by the
// examples in each (Guo et al., "On calibration of modern neural networks", 2017).
MetricValue expected_calibration_error(const ClassScoreSummary& summary);

}  // namespace llmtool
