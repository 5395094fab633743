// Included once per instruction set by cpu_kernels_*.cpp; see there.
#pragma once

#include <cstdint>

#include "llmtool/kernels/attention_head.h"
#include "llmtool/kernels/elements.h"

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

// An operand read element by element: element (i, j) is data[i * row_stride + j * column_stride].
struct MatrixView {
  const float* data;
  std::int64_t row_stride;
  std::int64_t column_stride;
};

// Rows that lie `stride` numbers apart, the numbers of each behind each other.
struct Rows {
  const float* data;
  std::int64_t stride;
};
struct MutableRows {
  float* data;
  std::int64_t stride;
};

// Rows and vectors of a row whose sums fill the registers: 12 of 16, or 24 of 32, beside what is multiplied.
constexpr int kBlockRows = kVectorSize == 16 ? 12 : 6;
constexpr int kBlockVectors = 2;

// Whether a product replaces what is in its output or is added to it.
enum class Product { kStored, kAdded };

// kRows rows and kVectors vectors of left * right, the sums kept in registers.
template <Product kProduct, int kRows, int kVectors>
LLMTOOL_ALWAYS_INLINE void multiply_block(MatrixView left, Rows right, MutableRows output, std::int64_t depth) {
  Vector sums[kRows][kVectors] = {};
  if constexpr (kProduct == Product::kAdded) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sums[i][j] = load_vector(output.data + i * output.stride + j * kVectorSize);
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    const float* row = right.data + k * right.stride;
    const float* factors = left.data + k * left.column_stride;
    Vector vectors[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) vectors[j] = load_vector(row + j * kVectorSize);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sums[i][j] += factors[i * left.row_stride] * vectors[j];
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) store_vector(sums[i][j], output.data + i * output.stride + j * kVectorSize);
}

// The last `rows` < kRows rows, for each number of which there is a block.
template <Product kProduct, int kRows, int kVectors>
LLMTOOL_ALWAYS_INLINE void multiply_last_rows(MatrixView left, Rows right, MutableRows output, std::int64_t rows,
                                              std::int64_t depth) {
  if constexpr (kRows > 1) {
    if (rows == kRows - 1) return multiply_block<kProduct, kRows - 1, kVectors>(left, right, output, depth);
    multiply_last_rows<kProduct, kRows - 1, kVectors>(left, right, output, rows, depth);
  }
}

template <Product kProduct, int kVectors>
void multiply_columns(MatrixView left, Rows right, MutableRows output, std::int64_t rows, std::int64_t depth) {
  while (rows >= kBlockRows) {
    multiply_block<kProduct, kBlockRows, kVectors>(left, right, output, depth);
    left.data += kBlockRows * left.row_stride;
    output.data += kBlockRows * output.stride;
    rows -= kBlockRows;
  }
  multiply_last_rows<kProduct, kBlockRows, kVectors>(left, right, output, rows, depth);
}

// output [rows, columns] = left [rows, depth] * right [depth, columns]; columns is a multiple of kLanes. For the small
// matrices of one attention head, where a library call costs more than the product.
template <Product kProduct = Product::kStored>
LLMTOOL_ALWAYS_INLINE void multiply(MatrixView left, Rows right, MutableRows output, std::int64_t rows,
                                    std::int64_t columns, std::int64_t depth) {
  constexpr std::int64_t kBlockColumns = kBlockVectors * kVectorSize;
  std::int64_t column = 0;
  for (; column + kBlockColumns <= columns; column += kBlockColumns)
    multiply_columns<kProduct, kBlockVectors>(left, {right.data + column, right.stride},
                                              {output.data + column, output.stride}, rows, depth);
  for (; column < columns; column += kVectorSize)
    multiply_columns<kProduct, 1>(left, {right.data + column, right.stride}, {output.data + column, output.stride},
                                  rows, depth);
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
