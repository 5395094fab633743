#pragma once

#include <cstdint>

#include "llmtool/kernels/instruction_sets.h"

namespace llmtool {

// A bf16 number as it lies in memory: the upper half of a float.
struct Bf16 {
  std::uint16_t bits;
};

LLMTOOL_ALWAYS_INLINE float to_float(float value) { return value; }
LLMTOOL_ALWAYS_INLINE float to_float(Bf16 value) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(value.bits) << 16);
}

LLMTOOL_ALWAYS_INLINE void store(float value, float& target) { target = value; }
// Rounds to the nearest, ties to even; NaN stays NaN.
LLMTOOL_ALWAYS_INLINE void store(float value, Bf16& target) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  target.bits = static_cast<std::uint16_t>(value != value ? 0x7fc0U : rounded);
}

}  // namespace llmtool
