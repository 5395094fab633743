#pragma once

#include <cstdint>

// Compiles a function for AVX-512, AVX2 and the baseline; the loader picks the best one the processor has. What it
// calls must be LLMTOOL_ALWAYS_INLINE to be compiled for the same set.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define LLMTOOL_INSTRUCTION_SETS __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define LLMTOOL_INSTRUCTION_SETS
#endif
#define LLMTOOL_ALWAYS_INLINE __attribute__((always_inline)) inline

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
