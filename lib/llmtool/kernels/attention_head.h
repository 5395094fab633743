#pragma once

#include <cstdint>

#include "llmtool/kernels/elements.h"

namespace llmtool {

// Columns of the kernels' products are a multiple of this: one AVX-512 register.
inline constexpr std::int64_t kLanes = 16;

LLMTOOL_ALWAYS_INLINE constexpr std::int64_t padded(std::int64_t size) { return (size + kLanes - 1) / kLanes * kLanes; }

// Numbers from one row to the next of what a head reads and of the gradients it writes.
struct HeadStrides {
  std::int64_t queries;
  std::int64_t keys;  // and values
  std::int64_t context;
};

// One head of one sequence.
struct HeadShape {
  std::int64_t num_queries;
  std::int64_t num_keys;
  std::int64_t head_size;  // a multiple of kLanes
  HeadStrides strides;
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

// Floats from one row of a kernel's matrix with a column for each key to the next: one register more than needed, since
// rows a power of two apart would share few sets of the cache.
LLMTOOL_ALWAYS_INLINE constexpr std::int64_t row_stride(const HeadShape& shape) {
  return padded(shape.num_keys) + kLanes;
}

// Queries that are taken at a time: so many that their scores stay in the second-level cache, but no fewer than the
// products are fast with; causal ones few, because what the last of them sees is computed for all.
LLMTOOL_ALWAYS_INLINE constexpr std::int64_t band_size(const HeadShape& shape) {
  constexpr std::int64_t kSmallest = 24;  // a multiple of the rows of a product's blocks
  constexpr std::int64_t kScores = 32'768;
  const std::int64_t fitting = kScores / row_stride(shape) / kSmallest * kSmallest;
  const std::int64_t size = shape.is_causal || fitting < kSmallest ? kSmallest : fitting;
  return size < shape.num_queries ? size : shape.num_queries;
}

// Floats of scratch memory either pass needs for a head.
constexpr std::int64_t head_scratch_size(const HeadShape& shape) {
  const std::int64_t copied_rows = 3 * shape.num_queries + 4 * shape.num_keys;  // of operands and results
  return row_stride(shape) * (shape.head_size + 2 * band_size(shape)) + copied_rows * shape.head_size;
}

}  // namespace llmtool
