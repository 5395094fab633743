#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// Scale and shift of a LayerNorm: fp32 [size] each.
struct NormParameters {
  const at::Tensor& weight;
  const at::Tensor& bias;
  double epsilon;
};

// LayerNorm(dropout(update) + residual) of [rows, size] in one pass, with gradients. Both are fp32 or both bf16; sums
// are fp32. What is dropped depends on the generator's seed and the place alone, not on threads.
at::Tensor residual_norm(const at::Tensor& update, const at::Tensor& residual, const NormParameters& norm,
                         double dropout);

// True when residual_norm() computes these.
bool can_fuse_residual_norm(const at::Tensor& update, const at::Tensor& residual, const at::Tensor& bias);

}  // namespace llmtool
