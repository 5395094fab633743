#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "llmtool/data/label_set.h"
#include "llmtool/tasks/class_weights.h"

namespace llmtool {

// The weight of every label, by id. `num_training_examples` by label id is needed for `balanced`. Throws ConfigError: a
// weight for a name that is no label (with the nearest label), or `balanced` with a label that never occurs.
std::vector<double> label_weights(const ClassWeights& weights, const LabelSet& labels,
                                  std::span<const std::int64_t> num_training_examples);

}  // namespace llmtool
