#include <cmath>

#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

struct Scalars {
  GradientTerms terms;
  float alpha;
  float one_minus_alpha;
  float epsilon;
  float momentum;
  float negative_learning_rate;
};

// One loop per combination of settings: a branch inside would keep the compiler from vectorising it.
template <bool centered, bool has_momentum>
LLMTOOL_ALWAYS_INLINE void rmsprop_loop(float* __restrict weight, const float* __restrict gradient,
                                        float* __restrict mean_square, float* __restrict mean, float* __restrict buffer,
                                        std::int64_t size, const Scalars s) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], s.terms);
    mean_square[i] = mean_square[i] * s.alpha + s.one_minus_alpha * total * total;
    float variance = mean_square[i];
    if constexpr (centered) {
      mean[i] = lerp(mean[i], total, s.one_minus_alpha);
      variance -= mean[i] * mean[i];
    }
    const float deviation = std::sqrt(variance) + s.epsilon;
    if constexpr (has_momentum) {
      buffer[i] = buffer[i] * s.momentum + total / deviation;
      weight[i] += s.negative_learning_rate * buffer[i];
    } else {
      weight[i] += s.negative_learning_rate * total / deviation;
    }
  }
}

// `mean` is null unless centered, `buffer` is null without momentum.
LLMTOOL_RANGE_KERNEL void rmsprop_range(float* weight, const float* gradient, float* mean_square, float* mean,
                                        float* buffer, std::int64_t size, const Scalars& scalars) {
  if (mean != nullptr && buffer != nullptr) {
    rmsprop_loop<true, true>(weight, gradient, mean_square, mean, buffer, size, scalars);
  } else if (mean != nullptr) {
    rmsprop_loop<true, false>(weight, gradient, mean_square, mean, buffer, size, scalars);
  } else if (buffer != nullptr) {
    rmsprop_loop<false, true>(weight, gradient, mean_square, mean, buffer, size, scalars);
  } else {
    rmsprop_loop<false, false>(weight, gradient, mean_square, mean, buffer, size, scalars);
  }
}

}  // namespace

// torch/optim/rmsprop.py, _single_tensor_rmsprop.
void update_by_rmsprop(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options) {
  const Scalars scalars{
      .terms = GradientTerms(context, options),
      .alpha = static_cast<float>(options.alpha),
      .one_minus_alpha = static_cast<float>(1.0 - options.alpha),
      .epsilon = static_cast<float>(options.epsilon),
      .momentum = static_cast<float>(options.momentum),
      .negative_learning_rate = static_cast<float>(-context.learning_rate),
  };
  const bool has_momentum = options.momentum != 0.0;
  rmsprop_range(range.weight, range.gradient, range.slots[0], options.centered ? range.slots[1] : nullptr,
                has_momentum ? range.slots[options.centered ? 2 : 1] : nullptr, range.size, scalars);
}

}  // namespace llmtool
