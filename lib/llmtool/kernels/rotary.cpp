#include "llmtool/kernels/rotary.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsPerTask = 8;

// A copy of the rows with the heads of queries and keys turned, by direction -1 back.
at::Tensor turned(const at::Tensor& rows, const at::Tensor& cosines, const at::Tensor& sines, float direction) {
  RECORD_FUNCTION("llmtool::attention", std::vector<c10::IValue>());
  at::Tensor result = at::empty_like(rows, rows.options().requires_grad(false));
  const std::int64_t size = rows.size(1) / 3;
  const std::int64_t half = cosines.size(1);
  with_element_type(rows, [&]<class T>() {
    const auto& kernels = element_kernels<T>(cpu_kernels());
    at::parallel_for(0, rows.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const T* input = elements<T>(rows) + row * 3 * size;
        T* output = mutable_elements<T>(result) + row * 3 * size;
        const Rotation rotation{elements<float>(cosines) + row * half, elements<float>(sines) + row * half, half};
        kernels.rotate(input, output, 2 * size, rotation, direction);
        std::copy_n(input + 2 * size, size, output + 2 * size);
      }
    });
  });
  return result;
}

struct RotateQueriesAndKeys : public torch::autograd::Function<RotateQueriesAndKeys> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, const at::Tensor& cosines,
                            const at::Tensor& sines) {
    context->save_for_backward({cosines, sines});
    return turned(rows, cosines, sines, 1.0F);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list angles = context->get_saved_variables();
    return {turned(gradients[0].contiguous(), angles[0], angles[1], -1.0F), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor rotate_queries_and_keys(const at::Tensor& rows, const at::Tensor& cosines, const at::Tensor& sines) {
  return RotateQueriesAndKeys::apply(rows.contiguous(), cosines, sines);
}

}  // namespace llmtool
