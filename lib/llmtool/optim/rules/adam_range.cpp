#include <cmath>

#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

struct Scalars {
  GradientTerms terms;
  float keep;
  float one_minus_beta1;
  float beta2;
  float one_minus_beta2;
  float root_bias_correction2;
  float epsilon;
  float negative_step_size;
};

LLMTOOL_RANGE_KERNEL void adam_range(float* __restrict weight, const float* __restrict gradient, float* __restrict mean,
                                     float* __restrict mean_square, std::int64_t size, const Scalars& scalars) {
  const Scalars s = scalars;
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], s.terms);
    mean[i] = lerp(mean[i], total, s.one_minus_beta1);
    mean_square[i] = mean_square[i] * s.beta2 + s.one_minus_beta2 * total * total;
    const float denominator = std::sqrt(mean_square[i]) / s.root_bias_correction2 + s.epsilon;
    weight[i] = weight[i] * s.keep + s.negative_step_size * mean[i] / denominator;
  }
}

}  // namespace

// torch/optim/adam.py, _single_tensor_adam.
void update_by_adam(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options) {
  const Scalars scalars{
      .terms = GradientTerms(context, options),
      .keep = static_cast<float>(decay_factor(context, options)),
      .one_minus_beta1 = static_cast<float>(1.0 - options.beta1),
      .beta2 = static_cast<float>(options.beta2),
      .one_minus_beta2 = static_cast<float>(1.0 - options.beta2),
      .root_bias_correction2 = static_cast<float>(std::sqrt(bias_correction(options.beta2, context))),
      .epsilon = static_cast<float>(options.epsilon),
      .negative_step_size = static_cast<float>(-(context.learning_rate / bias_correction(options.beta1, context))),
  };
  adam_range(range.weight, range.gradient, range.slots[0], range.slots[1], range.size, scalars);
}

}  // namespace llmtool
