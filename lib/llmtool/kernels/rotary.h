#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// Rows [tokens, 3 * hidden] of queries, keys and values beside each other, the heads of queries and keys turned by the
// angles of their token (see nn's RotaryPositions), with gradients. fp32 or bf16 on the CPU; `cosines` and `sines`
// fp32, [tokens, head_size / 2].
at::Tensor rotate_queries_and_keys(const at::Tensor& rows, const at::Tensor& cosines, const at::Tensor& sines);

}  // namespace llmtool
