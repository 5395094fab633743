#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace llmtool {

// What scores say about one example.
struct ClassPrediction {
  std::int64_t label = 0;             // the most probable, the lowest id of several
  std::vector<double> probabilities;  // softmax of the logits in double, by label id
};

// Throws NonFiniteError for NaN or infinite logits.
ClassPrediction predict_class(std::span<const float> logits);

}  // namespace llmtool
