#include "llmtool/tasks/class_prediction.h"

#include <cmath>

#include "llmtool/metrics/class_scores.h"

namespace llmtool {

ClassPrediction predict_class(std::span<const float> logits) {
  ClassPrediction prediction;
  prediction.probabilities = log_softmax(logits);
  for (double& probability : prediction.probabilities) probability = std::exp(probability);
  prediction.label = top_class(logits);
  return prediction;
}

}  // namespace llmtool
