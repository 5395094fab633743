#pragma once

#include <cstdint>

#include "llmtool/kernels/instruction_sets.h"

namespace llmtool {

// Which elements dropout keeps: a function of seed and position alone, so that the backward pass recomputes it and
// threads do not matter.
struct DropoutMask {
  std::uint32_t low_seed = 0;
  std::uint32_t high_seed = 0;
  std::uint32_t threshold = 0;  // of 2^32: positions hashed below it are dropped
  float scale = 1.0F;           // of what is kept

  DropoutMask() = default;
  DropoutMask(std::uint64_t seed, double rate)
      : low_seed(static_cast<std::uint32_t>(seed)),
        high_seed(static_cast<std::uint32_t>(seed >> 32)),
        threshold(static_cast<std::uint32_t>(rate * 4294967296.0)),
        scale(static_cast<float>(1.0 / (1.0 - rate))) {}

  // 0 or `scale`.
  LLMTOOL_ALWAYS_INLINE float factor(std::uint64_t position) const {
    const std::uint32_t first = mix(static_cast<std::uint32_t>(position) ^ low_seed);
    const std::uint32_t second = mix(first + high_seed + static_cast<std::uint32_t>(position >> 32));
    return second >= threshold ? scale : 0.0F;
  }

 private:
  // Wellons' "lowbias32" integer hash (public domain).
  static LLMTOOL_ALWAYS_INLINE std::uint32_t mix(std::uint32_t value) {
    value = (value ^ (value >> 16)) * 0x7feb352dU;
    value = (value ^ (value >> 15)) * 0x846ca68bU;
    return value ^ (value >> 16);
  }
};

// Seed of one dropout, drawn from the global CPU generator, whose state a checkpoint keeps.
std::uint64_t draw_dropout_seed();

}  // namespace llmtool
