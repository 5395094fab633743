#include "llmtool/metrics/class_scores.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

std::int64_t top_class(std::span<const float> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

void require_finite_scores(std::span<const float> scores) {
  if (!std::ranges::all_of(scores, [](float score) { return std::isfinite(score); }))
    throw NonFiniteError("the model returned a NaN or infinite score; its weights are probably damaged");
}

std::vector<double> log_softmax(std::span<const float> logits) {
  require_finite_scores(logits);
  const double largest = *std::max_element(logits.begin(), logits.end());
  // Summed exactly, so that two examples whose logits are permutations of each other tie in a ranking.
  ExactSum total;
  for (const float logit : logits) total.add(std::exp(logit - largest));
  const double log_total = std::log(total.value());
  std::vector<double> result;
  result.reserve(logits.size());
  for (const float logit : logits) result.push_back(logit - largest - log_total);
  return result;
}

ClassScores::ClassScores(std::int64_t num_classes) : num_classes_(num_classes) {
  if (num_classes < 1) throw std::invalid_argument("class scores need at least one class");
}

void ClassScores::add(std::int64_t gold, std::span<const float> logits) {
  if (static_cast<std::int64_t>(logits.size()) != num_classes_)
    throw std::invalid_argument("expected " + std::to_string(num_classes_) + " scores, got " +
                                std::to_string(logits.size()));
  if (gold < 0 || gold >= num_classes_)
    throw std::invalid_argument("gold class " + std::to_string(gold) + " is not one of " +
                                std::to_string(num_classes_) + " classes");
  const std::vector<double> log_probabilities = log_softmax(logits);
  golds_.push_back(gold);
  predicted_.push_back(top_class(logits));
  log_probabilities_.insert(log_probabilities_.end(), log_probabilities.begin(), log_probabilities.end());
}

void ClassScores::merge(const ClassScores& other) {
  if (other.num_classes_ != num_classes_) throw std::invalid_argument("class scores of different numbers of classes");
  const ClassScores copy = other;  // merging with itself is allowed
  golds_.insert(golds_.end(), copy.golds_.begin(), copy.golds_.end());
  predicted_.insert(predicted_.end(), copy.predicted_.begin(), copy.predicted_.end());
  log_probabilities_.insert(log_probabilities_.end(), copy.log_probabilities_.begin(), copy.log_probabilities_.end());
}

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
