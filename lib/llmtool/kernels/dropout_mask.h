#pragma once

#include <cstdint>

#include "llmtool/kernels/elements.h"

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
    return keeps(static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32)) ? scale : 0.0F;
  }

  // By the halves of a position.
  LLMTOOL_ALWAYS_INLINE bool keeps(std::uint32_t low, std::uint32_t high) const {
    return mix(mix(low ^ low_seed) + high_seed + high) >= threshold;
  }

 private:
  // Wellons' "lowbias32" integer hash (public domain).
  static LLMTOOL_ALWAYS_INLINE std::uint32_t mix(std::uint32_t value) {
    value = (value ^ (value >> 16)) * 0x7feb352dU;
    value = (value ^ (value >> 15)) * 0x846ca68bU;
    return value ^ (value >> 16);
  }
};

// The mask from one position on, in 32-bit arithmetic alone: a register takes twice as many numbers as of 64 bits.
struct DropoutRun {
  DropoutMask mask;
  std::uint32_t low;
  std::uint32_t high;

  DropoutRun(const DropoutMask& whole, std::uint64_t position)
      : mask(whole), low(static_cast<std::uint32_t>(position)), high(static_cast<std::uint32_t>(position >> 32)) {}

  // Of the element `offset` behind the first.
  LLMTOOL_ALWAYS_INLINE bool keeps(std::uint32_t offset) const {
    const std::uint32_t sum = low + offset;
    return mask.keeps(sum, high + (sum < low ? 1U : 0U));
  }
  LLMTOOL_ALWAYS_INLINE float factor(std::uint32_t offset) const { return keeps(offset) ? mask.scale : 0.0F; }
};

// Seed of one dropout, drawn from the global CPU generator, whose state a checkpoint keeps.
std::uint64_t draw_dropout_seed();

}  // namespace llmtool
