#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// Contiguous, [tokens, hidden] each.
struct AttentionRows {
  at::Tensor queries, keys, values;
};

// Takes rows [tokens, 3 * hidden] of queries, keys and values behind each other apart and turns the heads of queries
// and keys by the angles of their token (see nn's RotaryPositions), with gradients. fp32 or bf16 on the CPU;
// `cosines` and `sines` fp32, [tokens, head_size / 2].
AttentionRows split_and_rotate(const at::Tensor& rows, const at::Tensor& cosines, const at::Tensor& sines);

}  // namespace llmtool
