#include "llmtool/kernels/elementwise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <mutex>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Elements that are worth a thread.
constexpr std::int64_t kGrainSize = 1 << 13;
// Rows that are.
constexpr std::int64_t kRowsPerTask = 8;

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
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, double rate, std::int64_t seed) {
    RECORD_FUNCTION("llmtool::dropout", std::vector<c10::IValue>());
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    return masked(input, rate, seed);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
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

namespace {

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

namespace {

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
