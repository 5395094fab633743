#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/report.h"

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

// Every metric of the table over class scores (precision, recall, f1 for two labels only), and under details:
// num_examples, positive_label (two labels), support and per_class by label name, confusion_matrix {labels, rows:
// [gold][predicted]}. `labels` names the classes, no name twice; `positive_label` is an id, by default 1.
MetricReport classification_report(const ClassScores& scores, const std::vector<std::string>& labels,
                                   std::int64_t positive_label = 1);

// What always answering the most frequent gold class scores (the lowest id of several). Needs at least one example.
struct MajorityBaseline {
  std::int64_t class_id;
  double accuracy;
};
MajorityBaseline majority_baseline(const ConfusionMatrix& confusion);

// The class answered most often (the lowest id of several) and its share of all answers. Needs at least one example.
struct TopAnswer {
  std::int64_t class_id;
  double share;
  double gold_share;  // of the same class
};
TopAnswer top_answer(const ConfusionMatrix& confusion);

// At least 95 % of the answers are one class, though fewer than 95 % of the gold labels are.
bool has_collapsed(const ConfusionMatrix& confusion);

// Accuracy is not above the majority baseline, though gold has more than one class.
bool is_no_better_than_majority(const ConfusionMatrix& confusion);

struct Confusion {
  std::int64_t gold;
  std::int64_t predicted;
  std::int64_t count;
  double share_of_gold;
};
// Wrong (gold, predicted) pairs that occurred, most frequent first, then by ids; at most `limit`.
std::vector<Confusion> worst_confusions(const ConfusionMatrix& confusion, std::int64_t limit = 20);

}  // namespace llmtool
