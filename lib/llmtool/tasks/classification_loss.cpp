#include "llmtool/tasks/classification_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "llmtool/core/errors.h"

namespace llmtool {

ClassificationLoss::ClassificationLoss(std::vector<double> weights, double label_smoothing)
    : weights_(std::move(weights)), label_smoothing_(label_smoothing) {
  const auto is_weight = [](double weight) { return std::isfinite(weight) && weight >= 0.0; };
  if (!std::all_of(weights_.begin(), weights_.end(), is_weight))
    throw ConfigError("class weights must be finite numbers from 0 on");
  if (std::all_of(weights_.begin(), weights_.end(), [](double weight) { return weight == 0.0; }))
    throw ConfigError(
        "every class weight is 0, so there is nothing to learn; give at least one label a weight above 0");
  weighted_ = std::any_of(weights_.begin(), weights_.end(), [](double weight) { return weight != 1.0; });
}

at::Tensor ClassificationLoss::sum(const at::Tensor& logits, std::span<const std::int64_t> labels) const {
  const auto targets = at::tensor(at::ArrayRef<std::int64_t>(labels.data(), labels.size()), at::kLong);
  c10::optional<at::Tensor> weights;
  if (weighted_) weights = at::tensor(weights_, at::kFloat).to(logits.device());
  constexpr std::int64_t kIgnoreNothing = -100;
  return at::cross_entropy_loss(logits.to(at::kFloat), targets.to(logits.device()), weights, at::Reduction::Sum,
                                kIgnoreNothing, label_smoothing_);
}

double ClassificationLoss::denominator(std::span<const std::int64_t> labels) const {
  double sum = 0.0;
  for (const std::int64_t label : labels) sum += weights_[label];
  return sum;
}

double ClassificationLoss::of_example(std::span<const double> log_probabilities, std::int64_t label) const {
  double smooth = 0.0;
  if (label_smoothing_ > 0.0)
    for (std::size_t i = 0; i < weights_.size(); ++i) smooth -= weights_[i] * log_probabilities[i];
  return -(1.0 - label_smoothing_) * weights_[label] * log_probabilities[label] +
         label_smoothing_ / static_cast<double>(weights_.size()) * smooth;
}

}  // namespace llmtool
