#pragma once

#include <vector>

namespace llmtool {

// An example with the score that ranks it among others, and whether it is one of those to be found.
struct RankedExample {
  double score;
  bool is_positive;
};

// Area under the ROC curve: the share of pairs of a positive and a negative that are ranked right, ties counted half.
// There must be a positive and a negative.
double area_under_roc(std::vector<RankedExample> examples);

// Area under the precision-recall curve in steps, as scikit-learn's average_precision_score. There must be a positive.
double area_under_precision_recall(std::vector<RankedExample> examples);

}  // namespace llmtool
