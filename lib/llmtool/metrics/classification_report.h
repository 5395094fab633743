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

}  // namespace llmtool
