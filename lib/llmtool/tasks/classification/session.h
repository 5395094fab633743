#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "llmtool/data/label_set.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {

// What scores say about one example.
struct ClassPrediction {
  std::int64_t label = 0;             // the most probable, the lowest id of several
  std::vector<double> probabilities;  // softmax of the logits in double, by label id
};

// Throws NonFiniteError for NaN or infinite logits.
ClassPrediction predict_class(std::span<const float> logits);

// A model that tells the one label of a text out of several.
class ClassificationSession : public TextScorer {
 public:
  // Throws as TextScorer::load, and ModelError for a model made for another problem.
  static ClassificationSession load(const std::filesystem::path& directory, const SessionOptions& options = {});

  const LabelSet& labels() const { return labels_; }

 private:
  explicit ClassificationSession(TextScorer scorer);

  LabelSet labels_;
};

std::unique_ptr<TextPredictor> make_label_predictor(const PredictorOptions& options);

}  // namespace llmtool
