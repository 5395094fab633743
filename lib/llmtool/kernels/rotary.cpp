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

// Calls action(row, its angles) for every row, on several threads.
template <class Action>
void for_each_row(const at::Tensor& cosines, const at::Tensor& sines, const Action& action) {
  const std::int64_t half = cosines.size(1);
  at::parallel_for(0, cosines.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      action(row, Rotation{elements<float>(cosines) + row * half, elements<float>(sines) + row * half, half});
  });
}

struct SplitAndRotate : public torch::autograd::Function<SplitAndRotate> {
  static variable_list forward(AutogradContext* context, const at::Tensor& rows, const at::Tensor& cosines,
                               const at::Tensor& sines) {
    RECORD_FUNCTION("llmtool::attention", std::vector<c10::IValue>());
    const std::int64_t size = rows.size(1) / 3;
    variable_list parts(3);
    for (at::Tensor& part : parts) part = at::empty({rows.size(0), size}, rows.options().requires_grad(false));
    with_element_type(rows, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      for_each_row(cosines, sines, [&](std::int64_t row, const Rotation& rotation) {
        const T* input = elements<T>(rows) + row * 3 * size;
        for (const std::size_t turned : {0, 1})
          kernels.rotate(input + turned * size, mutable_elements<T>(parts[turned]) + row * size, size, rotation, 1.0F);
        std::copy_n(input + 2 * size, size, mutable_elements<T>(parts[2]) + row * size);
      });
    });
    context->save_for_backward({cosines, sines});
    return parts;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    RECORD_FUNCTION("llmtool::attention", std::vector<c10::IValue>());
    const variable_list angles = context->get_saved_variables();
    variable_list parts;
    for (const at::Tensor& gradient : gradients) parts.push_back(gradient.contiguous());
    const std::int64_t size = parts[0].size(1);
    at::Tensor result = at::empty({parts[0].size(0), 3 * size}, parts[0].options());
    with_element_type(result, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      for_each_row(angles[0], angles[1], [&](std::int64_t row, const Rotation& rotation) {
        T* output = mutable_elements<T>(result) + row * 3 * size;
        for (const std::size_t turned : {0, 1})
          kernels.rotate(elements<T>(parts[turned]) + row * size, output + turned * size, size, rotation, -1.0F);
        std::copy_n(elements<T>(parts[2]) + row * size, size, output + 2 * size);
      });
    });
    return {result, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

AttentionRows split_and_rotate(const at::Tensor& rows, const at::Tensor& cosines, const at::Tensor& sines) {
  variable_list parts = SplitAndRotate::apply(rows.contiguous(), cosines, sines);
  return {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

}  // namespace llmtool
