#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/confusion_matrix.h"

namespace llmtool {

// What a metric over class scores is computed from.
struct ClassScoreSummary {
  const ClassScores& scores;
  const ConfusionMatrix& confusion;
  const std::vector<std::string>& labels;  // name of each class
  std::int64_t positive_label;             // meant by precision, recall, f1 and average_precision of two classes
};

}  // namespace llmtool
