#pragma once

#include <string>
#include <vector>

#include "llmtool/data/label_set.h"

namespace llmtool {

// What makes it doubtful that these are the labels meant, a sentence each: names that differ only in case or in white
// space around them or are the same number, the name of the label column itself (a second header row), lists of numbers
// in one cell.
std::vector<std::string> describe_doubtful_labels(const LabelSet& labels, const std::string& label_column);

}  // namespace llmtool
