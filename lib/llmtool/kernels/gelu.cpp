#include "llmtool/kernels/gelu.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kGrainSize = 1 << 13;

struct Gelu : public torch::autograd::Function<Gelu> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input) {
    RECORD_FUNCTION("llmtool::activation", std::vector<c10::IValue>());
    at::Tensor output = at::empty_like(input);
    with_element_type(input, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      at::parallel_for(0, input.numel(), kGrainSize, [&](std::int64_t begin, std::int64_t end) {
        kernels.gelu(elements<T>(input) + begin, mutable_elements<T>(output) + begin, end - begin);
      });
    });
    context->save_for_backward({input});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    RECORD_FUNCTION("llmtool::activation", std::vector<c10::IValue>());
    const at::Tensor input = context->get_saved_variables()[0];
    const at::Tensor gradient = gradients[0].contiguous();
    at::Tensor result = at::empty_like(input);
    with_element_type(input, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      at::parallel_for(0, input.numel(), kGrainSize, [&](std::int64_t begin, std::int64_t end) {
        kernels.gelu_backward(elements<T>(input) + begin, elements<T>(gradient) + begin,
                              mutable_elements<T>(result) + begin, end - begin);
      });
    });
    return {result};
  }
};

constexpr std::int64_t kRowsPerTask = 8;

struct GatedGelu : public torch::autograd::Function<GatedGelu> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input) {
    RECORD_FUNCTION("llmtool::activation", std::vector<c10::IValue>());
    const std::int64_t size = input.size(1) / 2;
    at::Tensor output = at::empty({input.size(0), size}, input.options().requires_grad(false));
    with_element_type(input, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      at::parallel_for(0, input.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
          kernels.gated_gelu(elements<T>(input) + row * 2 * size, mutable_elements<T>(output) + row * size, size);
      });
    });
    context->save_for_backward({input});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    RECORD_FUNCTION("llmtool::activation", std::vector<c10::IValue>());
    const at::Tensor input = context->get_saved_variables()[0];
    const std::int64_t size = input.size(1) / 2;
    const at::Tensor gradient = gradients[0].contiguous();
    at::Tensor result = at::empty_like(input);
    with_element_type(input, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      at::parallel_for(0, input.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
          kernels.gated_gelu_backward(elements<T>(input) + row * 2 * size, elements<T>(gradient) + row * size,
                                      mutable_elements<T>(result) + row * 2 * size, size);
      });
    });
    return {result};
  }
};

}  // namespace

at::Tensor gelu(const at::Tensor& input) {
  return has_kernel_elements(input) ? Gelu::apply(input.contiguous()) : at::gelu(input);
}

at::Tensor gated_gelu(const at::Tensor& rows) { return GatedGelu::apply(rows.contiguous()); }

}  // namespace llmtool
