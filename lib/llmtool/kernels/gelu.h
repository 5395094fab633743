#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// x * Phi(x), with gradients (Hendrycks and Gimpel, 2016); within 1e-6 of at::gelu, which computes what is not fp32 or
// bf16 on the CPU.
at::Tensor gelu(const at::Tensor& input);

// [rows, 2 * size] -> [rows, size]: gelu of the first half of each row times the second (GeGLU, Shazeer, 2020), with
// gradients. fp32 or bf16 on the CPU.
at::Tensor gated_gelu(const at::Tensor& rows);

}  // namespace llmtool
