#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "llmtool/kernels/attention_head.h"
#include "llmtool/kernels/dropout_mask.h"
#include "llmtool/kernels/elements.h"

namespace llmtool {

// Rows of LayerNorm(dropout(update) + residual); see residual_norm(). `mask` may be null: nothing is dropped.
template <class T>
struct ResidualNorm {
  const T* update;
  const T* residual;
  const float* weight;  // [size]
  const float* bias;    // [size]
  const DropoutMask* mask;
  std::int64_t size;
  float epsilon;
  T* sum;                    // what is normalised, for the backward pass
  float* mean;               // [rows]
  float* inverse_deviation;  // [rows]
  T* output;
};

template <class T>
struct ResidualNormGradients {
  const T* gradient;  // of the output
  const T* sum;
  const float* mean;
  const float* inverse_deviation;
  const float* weight;
  const DropoutMask* mask;
  std::int64_t size;
  T* residual_gradient;
  T* update_gradient;  // written when there is a mask; otherwise it is the residual's
};

// The angles of one row: [half] cosines and sines, for heads of 2 * half numbers.
struct Rotation {
  const float* cosines;
  const float* sines;
  std::int64_t half;
};

// Kernels over numbers of type T (float or Bf16), which compute in fp32.
template <class T>
struct ElementKernels {
  // output[i] = input[i] * mask.factor(i) for i from begin up to end.
  void (*drop)(const T* input, T* output, std::int64_t begin, std::int64_t end, const DropoutMask& mask);
  void (*gelu)(const T* input, T* output, std::int64_t size);
  // `result` may be `gradient`.
  void (*gelu_backward)(const T* input, const T* gradient, T* result, std::int64_t size);
  // Rows of `size` outputs; see gated_gelu(). The result has 2 * size numbers, as the input.
  void (*gated_gelu)(const T* input, T* output, std::int64_t size);
  void (*gated_gelu_backward)(const T* input, const T* gradient, T* result, std::int64_t size);
  // A row of `size` numbers, a multiple of 2 * half; direction -1 turns back.
  void (*rotate)(const T* input, T* output, std::int64_t size, const Rotation& rotation, float direction);
  // sums[j] = the sum of column j for j from begin up to end, the same for any division into calls.
  void (*sum_columns)(const T* rows, std::int64_t num_rows, std::int64_t row_size, std::int64_t begin, std::int64_t end,
                      float* sums);
  // Rows from `begin` up to `end`; `scratch` holds 2 * size floats.
  void (*residual_norm)(const ResidualNorm<T>& rows, std::int64_t begin, std::int64_t end, float* scratch);
  // Adds to the gradients [size] of weight and bias.
  void (*residual_norm_backward)(const ResidualNormGradients<T>& rows, std::int64_t begin, std::int64_t end,
                                 float* weight_gradient, float* bias_gradient, float* scratch);
  // `weights` [num_queries, num_keys] receives the softmax, of weights that are dropped with the sign changed, 0 where
  // a query may not look; it may be null, as may `mask`; `scratch` holds head_scratch_size() floats.
  void (*attend_head)(const HeadShape& shape, const T* queries, const T* keys, const T* values, const DropoutMask* mask,
                      float* weights, T* context, float* scratch);
  // Gradients of attend_head from that of the context.
  void (*attend_head_backward)(const HeadShape& shape, const T* queries, const T* keys, const T* values,
                               const DropoutMask* mask, const float* weights, const T* context_gradient,
                               const HeadGradients<T>& gradients, float* scratch);
};

// All kernels as compiled for one instruction set.
struct CpuKernels {
  std::string_view instruction_set;
  ElementKernels<float> fp32;
  ElementKernels<Bf16> bf16;
};

template <class T>
const ElementKernels<T>& element_kernels(const CpuKernels& kernels);
template <>
inline const ElementKernels<float>& element_kernels(const CpuKernels& kernels) {
  return kernels.fp32;
}
template <>
inline const ElementKernels<Bf16>& element_kernels(const CpuKernels& kernels) {
  return kernels.bf16;
}

// Those for the best instruction set the processor has.
const CpuKernels& cpu_kernels();
// Those for every instruction set it has, best first: for tests.
std::vector<const CpuKernels*> runnable_cpu_kernels();
// The processor multiplies bf16 numbers itself.
bool has_native_bf16();
// oneDNN multiplies bf16 matrices on this processor, be it by other arithmetic.
bool onednn_multiplies_bf16();

}  // namespace llmtool
