#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

LLMTOOL_RANGE_KERNEL void toy_range(float* __restrict weight, const float* __restrict gradient, std::int64_t size,
                                    const GradientTerms& terms, float learning_rate) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], terms);
    weight[i] -= learning_rate * (static_cast<float>(total > 0.0F) - static_cast<float>(total < 0.0F));
  }
}

}  // namespace

void update_by_toy(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options) {
  toy_range(range.weight, range.gradient, range.size, GradientTerms(context, options),
            static_cast<float>(context.learning_rate));
}

}  // namespace llmtool
