#include "llmtool/optim/range_kernels.h"

#include <cmath>

#if defined(__x86_64__) && defined(__ELF__)
#define LLMTOOL_RANGE_KERNEL __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LLMTOOL_RANGE_KERNEL
#endif

namespace llmtool {
namespace {

inline __attribute__((always_inline)) float total_gradient(float gradient, float weight, const GradientTerms& terms) {
  const float sign = static_cast<float>(weight > 0.0F) - static_cast<float>(weight < 0.0F);
  return gradient * terms.scale + terms.l2_penalty * weight + terms.l1_penalty * sign;
}

// at::lerp: the form that is exact at the nearer end.
inline __attribute__((always_inline)) float lerp(float start, float end, float amount) {
  return amount < 0.5F ? start + amount * (end - start) : end - (end - start) * (1.0F - amount);
}

// One loop per combination of settings: a branch inside would keep the compiler from vectorising it.
template <bool centered, bool has_momentum>
inline __attribute__((always_inline)) void rmsprop_loop(float* __restrict weight, const float* __restrict gradient,
                                                        float* __restrict mean_square, float* __restrict mean,
                                                        float* __restrict buffer, std::int64_t size,
                                                        const RmsPropScalars s) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], s.terms);
    mean_square[i] = mean_square[i] * s.alpha + s.one_minus_alpha * total * total;
    float variance = mean_square[i];
    if constexpr (centered) {
      mean[i] = lerp(mean[i], total, s.one_minus_alpha);
      variance -= mean[i] * mean[i];
    }
    const float deviation = std::sqrt(variance) + s.epsilon;
    if constexpr (has_momentum) {
      buffer[i] = buffer[i] * s.momentum + total / deviation;
      weight[i] += s.negative_learning_rate * buffer[i];
    } else {
      weight[i] += s.negative_learning_rate * total / deviation;
    }
  }
}

template <class T>
inline __attribute__((always_inline)) double total_of_squares(const T* values, std::int64_t size) {
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

// torch/optim/adam.py, _single_tensor_adam.
LLMTOOL_RANGE_KERNEL void adam_range(float* __restrict weight, const float* __restrict gradient, float* __restrict mean,
                                     float* __restrict mean_square, std::int64_t size, const AdamScalars& scalars) {
  const AdamScalars s = scalars;
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], s.terms);
    mean[i] = lerp(mean[i], total, s.one_minus_beta1);
    mean_square[i] = mean_square[i] * s.beta2 + s.one_minus_beta2 * total * total;
    const float denominator = std::sqrt(mean_square[i]) / s.root_bias_correction2 + s.epsilon;
    weight[i] = weight[i] * s.keep + s.negative_step_size * mean[i] / denominator;
  }
}

// torch/optim/sgd.py, _single_tensor_sgd without dampening.
LLMTOOL_RANGE_KERNEL void sgd_range(float* __restrict weight, const float* __restrict gradient,
                                    float* __restrict buffer, std::int64_t size, const SgdScalars& scalars) {
  const SgdScalars s = scalars;
  if (buffer == nullptr) {
    for (std::int64_t i = 0; i < size; ++i)
      weight[i] += s.negative_learning_rate * total_gradient(gradient[i], weight[i], s.terms);
    return;
  }
  for (std::int64_t i = 0; i < size; ++i) {
    const float total = total_gradient(gradient[i], weight[i], s.terms);
    buffer[i] = buffer[i] * s.momentum + total;
    const float update = s.nesterov ? total + s.momentum * buffer[i] : buffer[i];
    weight[i] += s.negative_learning_rate * update;
  }
}

// torch/optim/rmsprop.py, _single_tensor_rmsprop.
LLMTOOL_RANGE_KERNEL void rmsprop_range(float* weight, const float* gradient, float* mean_square, float* mean,
                                        float* buffer, std::int64_t size, const RmsPropScalars& scalars) {
  if (mean != nullptr && buffer != nullptr) {
    rmsprop_loop<true, true>(weight, gradient, mean_square, mean, buffer, size, scalars);
  } else if (mean != nullptr) {
    rmsprop_loop<true, false>(weight, gradient, mean_square, mean, buffer, size, scalars);
  } else if (buffer != nullptr) {
    rmsprop_loop<false, true>(weight, gradient, mean_square, mean, buffer, size, scalars);
  } else {
    rmsprop_loop<false, false>(weight, gradient, mean_square, mean, buffer, size, scalars);
  }
}

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
