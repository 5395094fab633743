#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace llmtool {

// Index of the largest score; ties go to the lowest index. `scores` is not empty and has no NaN.
std::int64_t top_class(std::span<const float> scores);

// Natural logarithms of softmax(logits), computed in double. Throws NonFiniteError for NaN or infinite logits.
std::vector<double> log_softmax(std::span<const float> logits);

// Records of single-label classification: gold class and the scores of all classes of each example. Mergeable;
// every metric computed from it is the same whatever the order of adding and merging.
class ClassScores {
 public:
  explicit ClassScores(std::int64_t num_classes);

  // `logits` [num_classes]; gold in 0 … num_classes-1. Throws NonFiniteError for NaN or infinite logits.
  void add(std::int64_t gold, std::span<const float> logits);
  // Of the same number of classes.
  void merge(const ClassScores& other);

  std::int64_t num_classes() const { return num_classes_; }
  std::int64_t num_examples() const { return static_cast<std::int64_t>(golds_.size()); }
  std::int64_t gold(std::int64_t example) const { return golds_[static_cast<std::size_t>(example)]; }
  std::int64_t predicted(std::int64_t example) const { return predicted_[static_cast<std::size_t>(example)]; }
  double log_probability(std::int64_t example, std::int64_t class_id) const {
    return log_probabilities_[static_cast<std::size_t>(example * num_classes_ + class_id)];
  }

 private:
  std::int64_t num_classes_;
  std::vector<std::int64_t> golds_;        // [examples]
  std::vector<std::int64_t> predicted_;    // [examples]
  std::vector<double> log_probabilities_;  // [examples, classes]
};

}  // namespace llmtool
