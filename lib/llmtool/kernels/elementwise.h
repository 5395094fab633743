#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// Sets elements to 0 with probability `rate` and divides the rest by 1 - rate, with gradients. On fp32 CPU tensors one
// pass that stores no mask; elsewhere at::dropout. Draws from the global generator.
at::Tensor dropout(const at::Tensor& input, double rate);

// x * Phi(x), with gradients (Hendrycks and Gimpel, 2016); within 1e-6 of at::gelu, which computes what is not fp32 or
// bf16 on the CPU.
at::Tensor gelu(const at::Tensor& input);

// [rows, 2 * size] -> [rows, size]: gelu of the first half of each row times the second (GeGLU, Shazeer, 2020), with
// gradients. fp32 or bf16 on the CPU.
at::Tensor gated_gelu(const at::Tensor& rows);

// Rows [tokens, 3 * hidden] of queries, keys and values beside each other, the heads of queries and keys turned by the
// angles of their token (see nn's RotaryPositions), with gradients. fp32 or bf16 on the CPU; `cosines` and `sines`
// fp32, [tokens, head_size / 2].
at::Tensor rotate_queries_and_keys(const at::Tensor& rows, const at::Tensor& cosines, const at::Tensor& sines);

}  // namespace llmtool
