#pragma once

// Loops over contiguous fp32 ranges are compiled for several instruction sets, chosen at run time; without fused
// multiply-add, so that all of them give the same bits.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "llmtool/kernels/elements.h"
#include "llmtool/optim/options.h"

// A function that is compiled for each instruction set. What it calls in its loops is LLMTOOL_ALWAYS_INLINE.
#if defined(__x86_64__) && defined(__ELF__)
#define LLMTOOL_RANGE_KERNEL __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LLMTOOL_RANGE_KERNEL
#endif

namespace llmtool {

// No rule keeps more tensors for a parameter.
inline constexpr std::size_t kMostSlots = 3;

// A parameter, its gradient and its state as contiguous memory on the CPU, or a part of it.
struct UpdateRange {
  float* weight = nullptr;
  const float* gradient = nullptr;
  std::array<float*, kMostSlots> slots{};  // in the order of UpdateRule::slots()
  std::int64_t size = 0;
};

// An update depends on these besides the options.
struct UpdateContext {
  double learning_rate = 0.0;
  double gradient_scale = 1.0;
  std::int64_t step = 1;  // updates of this parameter, this one included
  bool decayed = true;
};

// Decoupled weight decay multiplies weights by it.
inline double decay_factor(const UpdateContext& context, const OptimizerOptions& options) {
  return context.decayed ? 1.0 - context.learning_rate * options.weight_decay : 1.0;
}

// A running mean that began at 0 is divided by it.
inline double bias_correction(double decay, const UpdateContext& context) {
  return 1.0 - std::pow(decay, static_cast<double>(context.step));
}

// Every rule uses this instead of the gradient: scale * gradient + l2 * weight + l1 * sign(weight).
struct GradientTerms {
  float scale = 1.0F;
  float l1_penalty = 0.0F;
  float l2_penalty = 0.0F;

  GradientTerms(const UpdateContext& context, const OptimizerOptions& options)
      : scale(static_cast<float>(context.gradient_scale)),
        l1_penalty(context.decayed ? static_cast<float>(options.l1_penalty) : 0.0F),
        l2_penalty(context.decayed ? static_cast<float>(options.l2_penalty) : 0.0F) {}
};

LLMTOOL_ALWAYS_INLINE float total_gradient(float gradient, float weight, const GradientTerms& terms) {
  const float sign = static_cast<float>(weight > 0.0F) - static_cast<float>(weight < 0.0F);
  return gradient * terms.scale + terms.l2_penalty * weight + terms.l1_penalty * sign;
}

// at::lerp: the form that is exact at the nearer end.
LLMTOOL_ALWAYS_INLINE float lerp(float start, float end, float amount) {
  return amount < 0.5F ? start + amount * (end - start) : end - (end - start) * (1.0F - amount);
}

void scale_range(float* weight, float factor, std::int64_t size);

// Sum of squares in double precision.
double sum_of_squares(const float* values, std::int64_t size);
double sum_of_squares(const Bf16* values, std::int64_t size);

void widen(const Bf16* values, float* output, std::int64_t size);
// Rounds to the nearest, ties to even.
void narrow(const float* values, Bf16* output, std::int64_t size);

}  // namespace llmtool
