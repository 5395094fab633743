#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace llmtool {

// Index of the largest score; ties go to the lowest index. `scores` is not empty and has no NaN.
std::int64_t top_class(std::span<const float> scores);

// Throws NonFiniteError for a score that is NaN or infinite.
void require_finite_scores(std::span<const float> scores);

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

// What a metric over class scores is computed from.
struct ClassScoreSummary {
  const ClassScores& scores;
  const ConfusionMatrix& confusion;
  const std::vector<std::string>& labels;  // name of each class
  std::int64_t positive_label;             // meant by precision, recall, f1 and average_precision of two classes
};

}  // namespace llmtool
