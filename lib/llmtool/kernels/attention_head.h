#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/kernels/dropout_mask.h"

namespace llmtool {

// One head of one sequence; rows of q, k, v, context and their gradients lie `stride` floats apart.
struct HeadShape {
  std::int64_t num_queries;
  std::int64_t num_keys;
  std::int64_t head_size;  // a multiple of 16
  std::int64_t stride;
  float scale;                  // 1 / sqrt(head_size)
  std::uint64_t mask_position;  // of the head's first attention weight among all
  bool is_causal = false;       // the queries are the last of the keys' positions and see no later key
};

// Floats of scratch memory either pass needs for a head.
std::int64_t head_scratch_size(std::int64_t num_queries, std::int64_t num_keys, std::int64_t head_size);

// `weights` [num_queries, num_keys] receives the softmax before dropout, 0 where a query may not look. `mask` may be
// null.
void attend_head(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                 const DropoutMask* mask, float* weights, float* context, float* scratch);

struct HeadGradients {
  float* queries;
  float* keys;
  float* values;
};

// Gradients of attend_head from that of the context.
void attend_head_backward(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                          const DropoutMask* mask, const float* weights, const float* context_gradient,
                          const HeadGradients& gradients, float* scratch);

}  // namespace llmtool
