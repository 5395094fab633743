#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// [rows, 2 * size] -> [rows, size]: gelu of the first half of each row times the second (GeGLU, Shazeer, 2020), with
// gradients. fp32 or bf16 on the CPU.
at::Tensor gated_gelu(const at::Tensor& rows);

}  // namespace llmtool
