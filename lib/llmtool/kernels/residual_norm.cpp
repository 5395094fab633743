#include "llmtool/kernels/residual_norm.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows whose share of the parameters' gradients is summed at once. Fixed, so that the sums do not depend on threads.
constexpr std::int64_t kBlockRows = 32;

// Calls action(begin, end, scratch) for ranges of `count` things on several threads.
template <class Action>
void for_each_range(std::int64_t count, std::int64_t grain_size, std::int64_t size, const Action& action) {
  at::parallel_for(0, count, grain_size, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch(static_cast<std::size_t>(2 * size));
    action(begin, end, scratch.data());
  });
}

struct ResidualNormFunction : public torch::autograd::Function<ResidualNormFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& update, const at::Tensor& residual,
                            const at::Tensor& weight, const at::Tensor& bias, double epsilon, double rate,
                            std::int64_t seed) {
    RECORD_FUNCTION("llmtool::residual_norm", std::vector<c10::IValue>());
    const auto floats = update.options().dtype(at::kFloat).requires_grad(false);
    at::Tensor output = at::empty_like(update);
    at::Tensor sum = at::empty_like(update);
    at::Tensor mean = at::empty({update.size(0)}, floats);
    at::Tensor inverse_deviation = at::empty({update.size(0)}, floats);
    const DropoutMask mask(static_cast<std::uint64_t>(seed), rate);
    with_element_type(update, [&]<class T>() {
      const ResidualNorm<T> rows = {elements<T>(update),           elements<T>(residual),
                                    elements<float>(weight),       elements<float>(bias),
                                    rate > 0.0 ? &mask : nullptr,  update.size(1),
                                    static_cast<float>(epsilon),   mutable_elements<T>(sum),
                                    mutable_elements<float>(mean), mutable_elements<float>(inverse_deviation),
                                    mutable_elements<T>(output)};
      const auto& kernels = element_kernels<T>(cpu_kernels());
      for_each_range(update.size(0), kBlockRows, update.size(1),
                     [&](std::int64_t begin, std::int64_t end, float* scratch) {
                       kernels.residual_norm(rows, begin, end, scratch);
                     });
    });
    context->save_for_backward({sum, mean, inverse_deviation, weight});
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    RECORD_FUNCTION("llmtool::residual_norm", std::vector<c10::IValue>());
    const variable_list saved = context->get_saved_variables();
    const double rate = context->saved_data["rate"].toDouble();
    const DropoutMask mask(static_cast<std::uint64_t>(context->saved_data["seed"].toInt()), rate);
    const at::Tensor& sum = saved[0];
    const at::Tensor gradient = gradients[0].contiguous();
    const std::int64_t num_rows = sum.size(0);
    const std::int64_t size = sum.size(1);
    const std::int64_t num_blocks = (num_rows + kBlockRows - 1) / kBlockRows;
    at::Tensor residual_gradient = at::empty_like(sum);
    at::Tensor update_gradient = rate > 0.0 ? at::empty_like(sum) : residual_gradient;
    const at::Tensor partial = at::zeros({2, num_blocks, size}, saved[3].options().requires_grad(false));
    with_element_type(sum, [&]<class T>() {
      const ResidualNormGradients<T> rows = {elements<T>(gradient),
                                             elements<T>(sum),
                                             elements<float>(saved[1]),
                                             elements<float>(saved[2]),
                                             elements<float>(saved[3]),
                                             rate > 0.0 ? &mask : nullptr,
                                             size,
                                             mutable_elements<T>(residual_gradient),
                                             mutable_elements<T>(update_gradient)};
      const auto& kernels = element_kernels<T>(cpu_kernels());
      float* partial_sums = mutable_elements<float>(partial);
      for_each_range(num_blocks, 1, size, [&](std::int64_t begin, std::int64_t end, float* scratch) {
        for (std::int64_t block = begin; block < end; ++block)
          kernels.residual_norm_backward(rows, block * kBlockRows, std::min(num_rows, (block + 1) * kBlockRows),
                                         partial_sums + block * size, partial_sums + (num_blocks + block) * size,
                                         scratch);
      });
    });
    const at::Tensor sums = partial.sum(1);
    return {update_gradient, residual_gradient, sums[0], sums[1], at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool can_fuse_residual_norm(const at::Tensor& update, const at::Tensor& residual, const at::Tensor& bias) {
  return has_kernel_elements(update) && update.scalar_type() == residual.scalar_type() && bias.defined();
}

at::Tensor residual_norm(const at::Tensor& update, const at::Tensor& residual, const NormParameters& norm,
                         double dropout) {
  const std::uint64_t seed = dropout > 0.0 ? draw_dropout_seed() : 0;
  return ResidualNormFunction::apply(update.contiguous(), residual.contiguous(), norm.weight, norm.bias, norm.epsilon,
                                     dropout, static_cast<std::int64_t>(seed));
}

}  // namespace llmtool
