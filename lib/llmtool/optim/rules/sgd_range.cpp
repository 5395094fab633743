#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

struct Scalars {
  GradientTerms terms;
  float momentum;
  bool nesterov;
  float negative_learning_rate;
};

// `buffer` is null without momentum.
LLMTOOL_RANGE_KERNEL void sgd_range(float* __restrict weight, const float* __restrict gradient,
                                    float* __restrict buffer, std::int64_t size, const Scalars& scalars) {
  const Scalars s = scalars;
  if (buffer == nullptr) {
    for (std::int64_t i = 0; i < size; ++i)
      weight[i] += s.negative_learning_rate * total_gradient(gradient[i], weight[i], s.terms);
    return;
  }
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], s.terms);
    buffer[i] = buffer[i] * s.momentum + total;
    const float update = s.nesterov ? total + s.momentum * buffer[i] : buffer[i];
    weight[i] += s.negative_learning_rate * update;
  }
}

}  // namespace

// torch/optim/sgd.py, _single_tensor_sgd without dampening.
void update_by_sgd(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options) {
  const Scalars scalars{
      .terms = GradientTerms(context, options),
      .momentum = static_cast<float>(options.momentum),
      .nesterov = options.nesterov,
      .negative_learning_rate = static_cast<float>(-context.learning_rate),
  };
  sgd_range(range.weight, range.gradient, range.slots[0], range.size, scalars);
}

}  // namespace llmtool
