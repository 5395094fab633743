#pragma once

#include <cstdint>

#include "llmtool/kernels/instruction_sets.h"

namespace llmtool {

// Columns of the kernels' products are a multiple of this: one AVX-512 register.
inline constexpr std::int64_t kLanes = 16;

LLMTOOL_ALWAYS_INLINE constexpr std::int64_t padded(std::int64_t size) { return (size + kLanes - 1) / kLanes * kLanes; }

// One head of one sequence; rows of q, k, v, context and their gradients lie `stride` numbers apart.
struct HeadShape {
  std::int64_t num_queries;
  std::int64_t num_keys;
  std::int64_t head_size;  // a multiple of kLanes
  std::int64_t stride;
  float scale;                  // 1 / sqrt(head_size)
  std::uint64_t mask_position;  // of the head's first attention weight among all
  bool is_causal = false;       // the queries are the last of the keys' positions and see no later key
};

template <class T>
struct HeadGradients {
  T* queries;
  T* keys;
  T* values;
};

// Floats of scratch memory either pass needs for a head.
constexpr std::int64_t head_scratch_size(std::int64_t num_queries, std::int64_t num_keys, std::int64_t head_size) {
  const std::int64_t as_floats = (3 * num_queries + 4 * num_keys) * head_size;  // copies of rows, results in bf16
  return padded(num_keys) * (head_size + 2 * num_queries) + as_floats;
}

}  // namespace llmtool
