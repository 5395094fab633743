#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace llmtool {

// Cross entropy with label weights w and smoothing e over L labels, as torch.nn.functional.cross_entropy has it.
// For an example of label y with log probabilities p:
//   (1 - e) * w[y] * -p[y]  +  e / L * sum over labels c of w[c] * -p[c]
// and the mean divides the sum over examples by the sum of w[y].
class ClassificationLoss {
 public:
  // `weights` has one element a label. Throws ConfigError when one is negative or not finite, or none is above 0.
  ClassificationLoss(std::vector<double> weights, double label_smoothing);

  // Sum over the examples, a scalar in fp32 with gradients. logits: [examples, labels], any floating type and device.
  at::Tensor sum(const at::Tensor& logits, std::span<const std::int64_t> labels) const;
  // What the sum over these examples is divided by.
  double denominator(std::span<const std::int64_t> labels) const;
  // The same sum's part of one example in double precision, for evaluation.
  double of_example(std::span<const double> log_probabilities, std::int64_t label) const;

 private:
  std::vector<double> weights_;
  double label_smoothing_;
  bool weighted_;
};

}  // namespace llmtool
