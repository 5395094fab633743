#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

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
