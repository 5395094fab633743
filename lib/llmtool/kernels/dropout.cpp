#include "llmtool/kernels/dropout.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

constexpr std::int64_t kGrainSize = 1 << 14;

at::Tensor masked(const at::Tensor& input, double rate, std::int64_t seed) {
  const at::Tensor values = input.contiguous();
  at::Tensor output = at::empty_like(values);
  const DropoutMask mask(static_cast<std::uint64_t>(seed), rate);
  with_element_type(values, [&]<class T>() {
    const auto& kernels = element_kernels<T>(cpu_kernels());
    at::parallel_for(0, values.numel(), kGrainSize, [&](std::int64_t begin, std::int64_t end) {
      kernels.drop(elements<T>(values), mutable_elements<T>(output), begin, end, mask);
    });
  });
  return output;
}

struct MaskedDropout : public torch::autograd::Function<MaskedDropout> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input, double rate,
                            std::int64_t seed) {
    RECORD_FUNCTION("llmtool::dropout", std::vector<c10::IValue>());
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    return masked(input, rate, seed);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    RECORD_FUNCTION("llmtool::dropout", std::vector<c10::IValue>());
    const double rate = context->saved_data["rate"].toDouble();
    return {masked(gradients[0], rate, context->saved_data["seed"].toInt()), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

std::uint64_t draw_dropout_seed() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}

at::Tensor dropout(const at::Tensor& input, double rate) {
  if (rate <= 0.0) return input;
  if (!has_kernel_elements(input)) return at::dropout(input, rate, true);
  return MaskedDropout::apply(input, rate, static_cast<std::int64_t>(draw_dropout_seed()));
}

}  // namespace llmtool
