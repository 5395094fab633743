#pragma once

// The arithmetic of the update rules over contiguous fp32 ranges, one pass each. Compiled for several instruction sets,
// chosen at run time; without fused multiply-add, so that all of them give the same bits.

#include <cstdint>

#include "llmtool/kernels/elements.h"

namespace llmtool {

// What every rule does to a gradient before using it: scale * gradient + l2 * weight + l1 * sign(weight).
struct GradientTerms {
  float scale = 1.0F;
  float l1_penalty = 0.0F;
  float l2_penalty = 0.0F;
};

struct AdamScalars {
  GradientTerms terms;
  float keep = 1.0F;  // 1 - learning_rate * decoupled weight decay
  float one_minus_beta1 = 0.0F;
  float beta2 = 0.0F;
  float one_minus_beta2 = 0.0F;
  float root_bias_correction2 = 1.0F;
  float epsilon = 0.0F;
  float negative_step_size = 0.0F;
};
void adam_range(float* weight, const float* gradient, float* mean, float* mean_square, std::int64_t size,
                const AdamScalars& scalars);

struct SgdScalars {
  GradientTerms terms;
  float momentum = 0.0F;
  bool nesterov = false;
  float negative_learning_rate = 0.0F;
};
// `buffer` is null without momentum.
void sgd_range(float* weight, const float* gradient, float* buffer, std::int64_t size, const SgdScalars& scalars);

struct RmsPropScalars {
  GradientTerms terms;
  float alpha = 0.0F;
  float one_minus_alpha = 0.0F;
  float epsilon = 0.0F;
  float momentum = 0.0F;
  float negative_learning_rate = 0.0F;
};
// `mean` is null unless centered, `buffer` is null without momentum.
void rmsprop_range(float* weight, const float* gradient, float* mean_square, float* mean, float* buffer,
                   std::int64_t size, const RmsPropScalars& scalars);

void scale_range(float* weight, float factor, std::int64_t size);

// Sum of squares in double precision.
double sum_of_squares(const float* values, std::int64_t size);
double sum_of_squares(const Bf16* values, std::int64_t size);

void widen(const Bf16* values, float* output, std::int64_t size);
// Rounds to the nearest, ties to even.
void narrow(const float* values, Bf16* output, std::int64_t size);

}  // namespace llmtool
