#pragma once

#include <cstdint>

namespace llmtool {

// One head of one sequence; rows of q, k, v, context and their gradients lie `stride` numbers apart.
struct HeadShape {
  std::int64_t num_queries;
  std::int64_t num_keys;
  std::int64_t head_size;  // a multiple of 16
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
  const std::int64_t padded_keys = (num_keys + 15) / 16 * 16;
  const std::int64_t as_floats = (3 * num_queries + 4 * num_keys) * head_size;  // of what is given in bf16
  return padded_keys * (head_size + 2 * num_queries) + as_floats;
}

}  // namespace llmtool
