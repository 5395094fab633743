// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/small_matrix.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

LLMTOOL_ALWAYS_INLINE float sum_of_lanes(const Lanes& lanes) {
  float parts[kLanes];
  for (std::int64_t lane = 0; lane < kLanes; ++lane) parts[lane] = lanes[lane];
  for (std::int64_t half = kLanes / 2; half > 0; half /= 2)
    for (std::int64_t lane = 0; lane < half; ++lane) parts[lane] += parts[lane + half];
  return parts[0];
}

// In as many partial sums as a register has lanes: the compiler does not vectorise a sum whose order it must keep.
LLMTOOL_ALWAYS_INLINE float sum_of(const float* values, std::int64_t size) {
  Lanes lanes = {};
  std::int64_t j = 0;
  for (; j + kLanes <= size; j += kLanes) lanes += *reinterpret_cast<const Lanes*>(values + j);
  float rest = 0.0F;
  for (; j < size; ++j) rest += values[j];
  return sum_of_lanes(lanes) + rest;
}

LLMTOOL_ALWAYS_INLINE float dot_product(const float* left, const float* right, std::int64_t size) {
  Lanes lanes = {};
  std::int64_t j = 0;
  for (; j + kLanes <= size; j += kLanes)
    lanes += *reinterpret_cast<const Lanes*>(left + j) * *reinterpret_cast<const Lanes*>(right + j);
  float rest = 0.0F;
  for (; j < size; ++j) rest += left[j] * right[j];
  return sum_of_lanes(lanes) + rest;
}

template <class T>
LLMTOOL_ALWAYS_INLINE void add_residual(const T* update, const T* residual, const DropoutMask* mask,
                                        std::uint64_t position, std::int64_t size, float* __restrict sum) {
  if (mask == nullptr) {
    for (std::int64_t j = 0; j < size; ++j) sum[j] = to_float(update[j]) + to_float(residual[j]);
    return;
  }
  const DropoutMask local = *mask;
  for (std::int64_t j = 0; j < size; ++j)
    sum[j] = to_float(update[j]) * local.factor(position + static_cast<std::uint64_t>(j)) + to_float(residual[j]);
}

template <class T>
void residual_norm(const ResidualNorm<T>& rows, std::int64_t begin, std::int64_t end, float* scratch) {
  float* __restrict sum = scratch;
  const auto size = static_cast<float>(rows.size);
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t first = row * rows.size;
    add_residual(rows.update + first, rows.residual + first, rows.mask, static_cast<std::uint64_t>(first), rows.size,
                 sum);
    const float mean = sum_of(sum, rows.size) / size;
    T* __restrict kept = rows.sum + first;
    for (std::int64_t j = 0; j < rows.size; ++j) {
      store(sum[j], kept[j]);
      sum[j] -= mean;
    }
    const float variance = dot_product(sum, sum, rows.size) / size;
    const float inverse_deviation = 1.0F / __builtin_sqrtf(variance + rows.epsilon);
    T* __restrict output = rows.output + first;
    for (std::int64_t j = 0; j < rows.size; ++j)
      store(sum[j] * inverse_deviation * rows.weight[j] + rows.bias[j], output[j]);
    rows.mean[row] = mean;
    rows.inverse_deviation[row] = inverse_deviation;
  }
}

template <class T>
void residual_norm_backward(const ResidualNormGradients<T>& rows, std::int64_t begin, std::int64_t end,
                            float* weight_gradient, float* bias_gradient, float* scratch) {
  float* __restrict normalized = scratch;
  float* __restrict scaled = scratch + rows.size;
  const float inverse_size = 1.0F / static_cast<float>(rows.size);
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t first = row * rows.size;
    const T* gradient = rows.gradient + first;
    const T* sum = rows.sum + first;
    const float mean = rows.mean[row];
    const float inverse_deviation = rows.inverse_deviation[row];
    float* __restrict weights = weight_gradient;
    float* __restrict biases = bias_gradient;
    for (std::int64_t j = 0; j < rows.size; ++j) {
      const float value = to_float(gradient[j]);
      normalized[j] = (to_float(sum[j]) - mean) * inverse_deviation;
      scaled[j] = value * rows.weight[j];
      weights[j] += value * normalized[j];
      biases[j] += value;
    }
    const float mean_gradient = sum_of(scaled, rows.size) * inverse_size;
    const float mean_product = dot_product(scaled, normalized, rows.size) * inverse_size;
    T* __restrict residual = rows.residual_gradient + first;
    for (std::int64_t j = 0; j < rows.size; ++j) {
      scaled[j] = inverse_deviation * (scaled[j] - mean_gradient - normalized[j] * mean_product);
      store(scaled[j], residual[j]);
    }
    if (rows.mask == nullptr) continue;
    const DropoutMask local = *rows.mask;
    T* __restrict update = rows.update_gradient + first;
    for (std::int64_t j = 0; j < rows.size; ++j)
      store(scaled[j] * local.factor(static_cast<std::uint64_t>(first + j)), update[j]);
  }
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
