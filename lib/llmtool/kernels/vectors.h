// Included once per instruction set by cpu_kernels_*.cpp; see there.
#pragma once

#include <cstdint>

#include "llmtool/kernels/attention_head.h"
#include "llmtool/kernels/instruction_sets.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

// Floats of a register. Wider types would be kept in memory: the compiler splits operations on them, not variables. A
// test may ask for that, to run the code of AVX-512 on other processors.
#if defined(LLMTOOL_TESTED_VECTOR_SIZE)
constexpr std::int64_t kVectorSize = LLMTOOL_TESTED_VECTOR_SIZE;
#elif defined(__AVX512F__)
constexpr std::int64_t kVectorSize = 16;
#elif defined(__AVX__)
constexpr std::int64_t kVectorSize = 8;
#else
constexpr std::int64_t kVectorSize = 4;
#endif

// Written as a vector type, because the compiler vectorises neither sums, whose order it must keep, nor small products.
using Vector = float __attribute__((vector_size(kVectorSize * sizeof(float)), aligned(alignof(float)), may_alias));

LLMTOOL_ALWAYS_INLINE Vector load_vector(const float* values) { return *reinterpret_cast<const Vector*>(values); }
LLMTOOL_ALWAYS_INLINE void store_vector(Vector vector, float* values) { *reinterpret_cast<Vector*>(values) = vector; }

// Calls action(part, offset) for every vector of the whole groups of kLanes in `size`: the part-th of its group.
// Returns where the rest begins.
template <class Action>
LLMTOOL_ALWAYS_INLINE std::int64_t for_each_group(std::int64_t size, const Action& action) {
  std::int64_t j = 0;
  for (; j + kLanes <= size; j += kLanes)
    for (std::int64_t part = 0; part < kLanes / kVectorSize; ++part) action(part, j + part * kVectorSize);
  return j;
}

// Sums in kLanes partial sums, whatever a register holds: all instruction sets round alike.
struct LaneSums {
  Vector parts[kLanes / kVectorSize] = {};

  LLMTOOL_ALWAYS_INLINE float total() const {
    float lanes[kLanes];
    for (std::int64_t part = 0; part < kLanes / kVectorSize; ++part)
      store_vector(parts[part], lanes + part * kVectorSize);
    for (std::int64_t half = kLanes / 2; half > 0; half /= 2)
      for (std::int64_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    return lanes[0];
  }
};

LLMTOOL_ALWAYS_INLINE float sum_of(const float* values, std::int64_t size) {
  LaneSums sums;
  std::int64_t j = for_each_group(
      size, [&](std::int64_t part, std::int64_t offset) { sums.parts[part] += load_vector(values + offset); });
  float rest = 0.0F;
  for (; j < size; ++j) rest += values[j];
  return sums.total() + rest;
}

LLMTOOL_ALWAYS_INLINE float dot_product(const float* left, const float* right, std::int64_t size) {
  LaneSums sums;
  std::int64_t j = for_each_group(size, [&](std::int64_t part, std::int64_t offset) {
    sums.parts[part] += load_vector(left + offset) * load_vector(right + offset);
  });
  float rest = 0.0F;
  for (; j < size; ++j) rest += left[j] * right[j];
  return sums.total() + rest;
}

// `size` is a positive multiple of kVectorSize.
LLMTOOL_ALWAYS_INLINE float largest_of(const float* values, std::int64_t size) {
  Vector largest = load_vector(values);
  for (std::int64_t j = kVectorSize; j < size; j += kVectorSize) {
    const Vector next = load_vector(values + j);
    largest = next > largest ? next : largest;
  }
  float result = largest[0];
  for (std::int64_t lane = 1; lane < kVectorSize; ++lane) result = largest[lane] > result ? largest[lane] : result;
  return result;
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
