#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

template <class T>
LLMTOOL_ALWAYS_INLINE double total_of_squares(const T* values, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  double lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const double value = to_float(values[i + lane]);
      lanes[lane] += value * value;
    }
  double sum = 0.0;
  for (; i < size; ++i) sum += static_cast<double>(to_float(values[i])) * to_float(values[i]);
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

LLMTOOL_RANGE_KERNEL void scale_range(float* weight, float factor, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) weight[i] *= factor;
}

LLMTOOL_RANGE_KERNEL double sum_of_squares(const float* values, std::int64_t size) {
  return total_of_squares(values, size);
}
LLMTOOL_RANGE_KERNEL double sum_of_squares(const Bf16* values, std::int64_t size) {
  return total_of_squares(values, size);
}

LLMTOOL_RANGE_KERNEL void widen(const Bf16* __restrict values, float* __restrict output, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) output[i] = to_float(values[i]);
}

LLMTOOL_RANGE_KERNEL void narrow(const float* __restrict values, Bf16* __restrict output, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) store(values[i], output[i]);
}

}  // namespace llmtool
