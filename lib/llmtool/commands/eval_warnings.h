#pragma once

#include <string>
#include <vector>

#include "llmtool/commands/eval.h"
#include "llmtool/metrics/confusion_matrix.h"

namespace llmtool {

// What a reader of the figures should know: nearly one answer only, no better than always answering the most frequent
// label, a label without examples, a large share of texts cut, rows skipped.
std::vector<std::string> describe_doubts(const EvalResult& result, const ConfusionMatrix& confusion);

// The most frequent mistakes by label name.
std::vector<NamedConfusion> name_confusions(const ConfusionMatrix& confusion, const std::vector<std::string>& labels);

}  // namespace llmtool
