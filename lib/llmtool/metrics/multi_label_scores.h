#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "llmtool/metrics/report.h"

namespace llmtool {

// 1 / (1 + exp(-logit)), in double.
double sigmoid(double logit);

// Records of classification with any number of labels an example: which it has, and the scores of all. Mergeable; every
// metric computed from it is the same whatever the order of adding and merging.
class MultiLabelScores {
 public:
  explicit MultiLabelScores(std::int64_t num_labels);

  // `gold`: ids of the example's labels, each once; `logits` [num_labels]. Throws NonFiniteError for NaN or infinite
  // logits.
  void add(std::span<const std::int64_t> gold, std::span<const float> logits);
  // Of the same number of labels.
  void merge(const MultiLabelScores& other);

  std::int64_t num_labels() const { return num_labels_; }
  std::int64_t num_examples() const { return static_cast<std::int64_t>(logits_.size()) / num_labels_; }
  bool is_gold(std::int64_t example, std::int64_t label) const { return is_gold_[index(example, label)] != 0; }
  double logit(std::int64_t example, std::int64_t label) const { return logits_[index(example, label)]; }
  double probability(std::int64_t example, std::int64_t label) const { return sigmoid(logit(example, label)); }

 private:
  std::size_t index(std::int64_t example, std::int64_t label) const {
    return static_cast<std::size_t>(example * num_labels_ + label);
  }

  std::int64_t num_labels_;
  std::vector<char> is_gold_;  // [examples, labels]
  std::vector<float> logits_;  // [examples, labels]
};

// The labels an example is given: those whose probability is above the label's threshold. `thresholds` has one for each
// label.
std::vector<std::int64_t> labels_above(std::span<const double> probabilities, std::span<const double> thresholds);

// What a metric over such scores is computed from: the decisions, counted.
struct MultiLabelSummary {
  // `labels` and `thresholds`: one for each label.
  MultiLabelSummary(const MultiLabelScores& scores, const std::vector<std::string>& labels,
                    const std::vector<double>& thresholds);

  const MultiLabelScores& scores;
  const std::vector<std::string>& labels;
  // By label.
  std::vector<std::int64_t> num_true_positive;
  std::vector<std::int64_t> num_gold;
  std::vector<std::int64_t> num_predicted;
  // By example.
  std::vector<std::int64_t> num_right_of_example;
  std::vector<std::int64_t> num_gold_of_example;
  std::vector<std::int64_t> num_predicted_of_example;
};

// Metrics as scikit-learn defines them for indicator matrices: micro over all decisions, macro the mean over labels,
// weighted by their support, samples the mean over examples. A mean counts a part without decisions as 0, as
// zero_division=0 does; what is a single ratio is undefined then.
MetricValue subset_accuracy(const MultiLabelSummary& summary);
MetricValue hamming_loss(const MultiLabelSummary& summary);
MetricValue micro_multi_label_precision(const MultiLabelSummary& summary);
MetricValue micro_multi_label_recall(const MultiLabelSummary& summary);
MetricValue micro_multi_label_f1(const MultiLabelSummary& summary);
MetricValue macro_multi_label_precision(const MultiLabelSummary& summary);
MetricValue macro_multi_label_recall(const MultiLabelSummary& summary);
MetricValue macro_multi_label_f1(const MultiLabelSummary& summary);
MetricValue weighted_multi_label_precision(const MultiLabelSummary& summary);
MetricValue weighted_multi_label_recall(const MultiLabelSummary& summary);
MetricValue weighted_multi_label_f1(const MultiLabelSummary& summary);
MetricValue samples_precision(const MultiLabelSummary& summary);
MetricValue samples_recall(const MultiLabelSummary& summary);
MetricValue samples_f1(const MultiLabelSummary& summary);
MetricValue micro_jaccard(const MultiLabelSummary& summary);
MetricValue macro_jaccard(const MultiLabelSummary& summary);
MetricValue samples_jaccard(const MultiLabelSummary& summary);

// Metrics of the order of scores, whatever the thresholds. Areas are undefined where a label has no gold examples or
// (ROC) no others.
MetricValue micro_roc_auc(const MultiLabelSummary& summary);
MetricValue macro_roc_auc(const MultiLabelSummary& summary);
MetricValue micro_average_precision(const MultiLabelSummary& summary);
MetricValue macro_average_precision(const MultiLabelSummary& summary);
// Mean share of pairs of a label that the example has and one that it has not which are ranked wrong, ties included.
MetricValue label_ranking_loss(const MultiLabelSummary& summary);
// Mean, over the labels of an example, of the share of its own among those ranked as high.
MetricValue label_ranking_average_precision(const MultiLabelSummary& summary);
// How many labels must be taken from the top to have all of an example's, on average.
MetricValue coverage_error(const MultiLabelSummary& summary);

// Every metric of the table over these scores, and under details: num_examples, support, thresholds and per_class by
// label name, with precision, recall, f1, support, roc_auc and average_precision of each.
MetricReport multi_label_report(const MultiLabelScores& scores, const std::vector<std::string>& labels,
                                const std::vector<double>& thresholds);

// For each label the threshold with the highest F1 on these examples, halfway between two probabilities; of several the
// one nearest to 0.5, and 0.5 for a label without gold examples.
std::vector<double> tune_thresholds(const MultiLabelScores& scores);

}  // namespace llmtool
