#pragma once

#include <cstdint>

#include "llmtool/kernels/instruction_sets.h"

namespace llmtool {

// Columns of every product are a multiple of this: one AVX-512 register.
inline constexpr std::int64_t kLanes = 16;

// An operand read element by element: element (i, j) is data[i * row_stride + j * column_stride].
struct MatrixView {
  const float* data;
  std::int64_t row_stride;
  std::int64_t column_stride;
};

// Written as a vector type, because GCC's vectoriser gives up on the equivalent loops over an array.
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(alignof(float)), may_alias));

// kRows rows and kLanes columns of output = left * right, the sums kept in registers.
template <int kRows>
LLMTOOL_ALWAYS_INLINE void multiply_block(MatrixView left, const float* right, std::int64_t right_stride, float* output,
                                          std::int64_t output_stride, std::int64_t depth) {
  Lanes sums[kRows] = {};
  for (std::int64_t k = 0; k < depth; ++k) {
    const Lanes row = *reinterpret_cast<const Lanes*>(right + k * right_stride);
    const float* factors = left.data + k * left.column_stride;
    for (int i = 0; i < kRows; ++i) sums[i] += factors[i * left.row_stride] * row;
  }
  for (int i = 0; i < kRows; ++i) *reinterpret_cast<Lanes*>(output + i * output_stride) = sums[i];
}

// output [rows, columns] = left [rows, depth] * right [depth, columns]; columns is a multiple of kLanes, the columns of
// right and output are contiguous. For the small matrices of one attention head, where a library call costs more than
// the product.
LLMTOOL_ALWAYS_INLINE void multiply(MatrixView left, const float* right, std::int64_t right_stride, float* output,
                                    std::int64_t output_stride, std::int64_t rows, std::int64_t columns,
                                    std::int64_t depth) {
  constexpr int kBlock = 6;
  for (std::int64_t column = 0; column < columns; column += kLanes) {
    std::int64_t row = 0;
    for (; row + kBlock <= rows; row += kBlock)
      multiply_block<kBlock>({left.data + row * left.row_stride, left.row_stride, left.column_stride}, right + column,
                             right_stride, output + row * output_stride + column, output_stride, depth);
    for (; row < rows; ++row)
      multiply_block<1>({left.data + row * left.row_stride, left.row_stride, left.column_stride}, right + column,
                        right_stride, output + row * output_stride + column, output_stride, depth);
  }
}

// output [columns, padded rows] = transpose of input [rows, columns]; slots beyond `rows` become 0.
LLMTOOL_ALWAYS_INLINE void transpose(const float* input, std::int64_t input_stride, std::int64_t rows,
                                     std::int64_t columns, float* output, std::int64_t padded_rows) {
  for (std::int64_t column = 0; column < columns; ++column) {
    float* target = output + column * padded_rows;
    for (std::int64_t row = 0; row < rows; ++row) target[row] = input[row * input_stride + column];
    for (std::int64_t row = rows; row < padded_rows; ++row) target[row] = 0.0F;
  }
}

}  // namespace llmtool
