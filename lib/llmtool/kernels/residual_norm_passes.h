// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/vectors.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

template <class T>
LLMTOOL_ALWAYS_INLINE void add_residual(const T* update, const T* residual, const DropoutMask* mask,
                                        std::uint64_t position, std::int64_t size, float* __restrict sum) {
  if (mask == nullptr) {
    for (std::int64_t j = 0; j < size; ++j) sum[j] = to_float(update[j]) + to_float(residual[j]);
    return;
  }
  const DropoutRun run(*mask, position);
  for (std::int64_t j = 0; j < size; ++j)
    sum[j] = to_float(update[j]) * run.factor(static_cast<std::uint32_t>(j)) + to_float(residual[j]);
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
    const DropoutRun run(*rows.mask, static_cast<std::uint64_t>(first));
    T* __restrict update = rows.update_gradient + first;
    for (std::int64_t j = 0; j < rows.size; ++j)
      store(scaled[j] * run.factor(static_cast<std::uint32_t>(j)), update[j]);
  }
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
