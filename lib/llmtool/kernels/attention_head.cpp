#include "llmtool/kernels/attention_head.h"

#include "llmtool/kernels/small_matrix.h"

namespace llmtool {
namespace {

using Forward = void(const HeadShape&, const float*, const float*, const float*, const DropoutMask*, float*, float*,
                     float*);
using Backward = void(const HeadShape&, const float*, const float*, const float*, const DropoutMask*, const float*,
                      const float*, const HeadGradients&, float*);

struct Passes {
  Forward* forward;
  Backward* backward;
};

}  // namespace

// Defined in a file per instruction set.
namespace baseline {
Forward attend_head;
Backward attend_head_backward;
}  // namespace baseline
namespace avx2 {
Forward attend_head;
Backward attend_head_backward;
}  // namespace avx2
namespace avx512 {
Forward attend_head;
Backward attend_head_backward;
}  // namespace avx512

namespace {

Passes choose_passes() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    return {avx512::attend_head, avx512::attend_head_backward};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {avx2::attend_head, avx2::attend_head_backward};
#endif
  return {baseline::attend_head, baseline::attend_head_backward};
}

const Passes& passes() {
  static const Passes chosen = choose_passes();
  return chosen;
}

}  // namespace

std::int64_t head_scratch_size(std::int64_t num_queries, std::int64_t num_keys, std::int64_t head_size) {
  return (num_keys + kLanes - 1) / kLanes * kLanes * (head_size + 2 * num_queries);
}

void attend_head(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                 const DropoutMask* mask, float* weights, float* context, float* scratch) {
  passes().forward(shape, queries, keys, values, mask, weights, context, scratch);
}

void attend_head_backward(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                          const DropoutMask* mask, const float* weights, const float* context_gradient,
                          const HeadGradients& gradients, float* scratch) {
  passes().backward(shape, queries, keys, values, mask, weights, context_gradient, gradients, scratch);
}

}  // namespace llmtool
