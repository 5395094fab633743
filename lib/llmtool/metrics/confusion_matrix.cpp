#include "llmtool/metrics/confusion_matrix.h"

namespace llmtool {

ConfusionMatrix::ConfusionMatrix(const ClassScores& scores)
    : num_classes_(scores.num_classes()),
      num_examples_(scores.num_examples()),
      counts_(static_cast<std::size_t>(num_classes_ * num_classes_)),
      num_gold_(static_cast<std::size_t>(num_classes_)),
      num_predicted_(static_cast<std::size_t>(num_classes_)) {
  for (std::int64_t example = 0; example < num_examples_; ++example) {
    const std::int64_t gold = scores.gold(example);
    const std::int64_t predicted = scores.predicted(example);
    ++counts_[static_cast<std::size_t>(gold * num_classes_ + predicted)];
    ++num_gold_[static_cast<std::size_t>(gold)];
    ++num_predicted_[static_cast<std::size_t>(predicted)];
    num_correct_ += gold == predicted;
  }
}

}  // namespace llmtool
