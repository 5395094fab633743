#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/metrics/class_scores.h"

namespace llmtool {

// How often each class was answered for each gold class, with the sums every counting metric needs.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(const ClassScores& scores);

  std::int64_t num_classes() const { return num_classes_; }
  std::int64_t num_examples() const { return num_examples_; }
  std::int64_t num_correct() const { return num_correct_; }
  std::int64_t count(std::int64_t gold, std::int64_t predicted) const {
    return counts_[static_cast<std::size_t>(gold * num_classes_ + predicted)];
  }
  std::int64_t num_gold(std::int64_t class_id) const { return num_gold_[static_cast<std::size_t>(class_id)]; }
  std::int64_t num_predicted(std::int64_t class_id) const { return num_predicted_[static_cast<std::size_t>(class_id)]; }

 private:
  std::int64_t num_classes_;
  std::int64_t num_examples_;
  std::int64_t num_correct_ = 0;
  std::vector<std::int64_t> counts_;  // [gold, predicted]
  std::vector<std::int64_t> num_gold_;
  std::vector<std::int64_t> num_predicted_;
};

}  // namespace llmtool
