#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// x * Phi(x), with gradients (Hendrycks and Gimpel, 2016); within 1e-6 of at::gelu, which computes what is not fp32 or
// bf16 on the CPU.
at::Tensor gelu(const at::Tensor& input);

}  // namespace llmtool
