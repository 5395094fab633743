#pragma once

// Elementary functions without branches or calls, so that loops over them are vectorised.

#include <cstdint>

#include "llmtool/kernels/elements.h"

namespace llmtool {

// exp(min(x, 0)) to 2 units in the last place: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes, expf).
LLMTOOL_ALWAYS_INLINE float exponential_of_negative(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 0.0F ? 0.0F : x;
  const float shifted = x * 1.44269504F + 12582912.0F;  // rounds to an integer in the low bits
  const float n = shifted - 12582912.0F;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float sum = 1.9875691500e-4F;
  sum = sum * r + 1.3981999507e-3F;
  sum = sum * r + 8.3334519073e-3F;
  sum = sum * r + 4.1665795894e-2F;
  sum = sum * r + 1.6666665459e-1F;
  sum = sum * r + 5.0000001201e-1F;
  sum = sum * r * r + r + 1.0F;
  const auto exponent = (__builtin_bit_cast(std::int32_t, shifted) - __builtin_bit_cast(std::int32_t, 12582912.0F))
                        << 23;
  return __builtin_bit_cast(float, __builtin_bit_cast(std::int32_t, sum) + exponent);
}

// The standard normal distribution at x.
struct Normal {
  float cumulative;  // to 1e-7
  float density;
};

// 1 - erf(z) = (polynomial in 1 / (1 + 0.3275911 z)) * exp(-z^2) for z >= 0 (Abramowitz and Stegun, 7.1.26).
LLMTOOL_ALWAYS_INLINE Normal normal_distribution(float x) {
  const float z = (x < 0.0F ? -x : x) * 0.707106781F;
  const float t = 1.0F / (1.0F + 0.3275911F * z);
  const float power = exponential_of_negative(-z * z);
  float sum = 1.061405429F;
  sum = sum * t - 1.453152027F;
  sum = sum * t + 1.421413741F;
  sum = sum * t - 0.284496736F;
  sum = sum * t + 0.254829592F;
  const float tail = 0.5F * sum * t * power;
  return {x < 0.0F ? tail : 1.0F - tail, 0.398942280F * power};
}

}  // namespace llmtool
