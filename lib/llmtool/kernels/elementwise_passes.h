#pragma once

// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/elementary.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

template <class T>
void drop(const T* input, T* output, std::int64_t begin, std::int64_t end, const DropoutMask& mask) {
  const DropoutRun run(mask, static_cast<std::uint64_t>(begin));
  for (std::int64_t i = begin; i < end; ++i)
    store(to_float(input[i]) * run.factor(static_cast<std::uint32_t>(i - begin)), output[i]);
}

template <class T>
void gelu(const T* input, T* output, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float x = to_float(input[i]);
    store(x * normal_distribution(x).cumulative, output[i]);
  }
}

template <class T>
void gelu_backward(const T* input, const T* gradient, T* result, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float x = to_float(input[i]);
    const Normal normal = normal_distribution(x);
    store(to_float(gradient[i]) * (normal.cumulative + x * normal.density), result[i]);
  }
}

// input: `size` numbers and the gate of each behind them.
template <class T>
void gated_gelu(const T* input, T* output, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float x = to_float(input[i]);
    store(x * normal_distribution(x).cumulative * to_float(input[size + i]), output[i]);
  }
}

template <class T>
void gated_gelu_backward(const T* input, const T* gradient, T* result, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float x = to_float(input[i]);
    const float from_output = to_float(gradient[i]);
    const Normal normal = normal_distribution(x);
    store(from_output * to_float(input[size + i]) * (normal.cumulative + x * normal.density), result[i]);
    store(from_output * x * normal.cumulative, result[size + i]);
  }
}

// Turns the pair of numbers i and half + i of each head of a row by the angle i, backwards when `direction` is -1.
template <class T>
void rotate(const T* __restrict input, T* __restrict output, std::int64_t size, const Rotation& rotation,
            float direction) {
  const std::int64_t half = rotation.half;
  for (std::int64_t head = 0; head < size; head += 2 * half)
    for (std::int64_t i = 0; i < half; ++i) {
      const float first = to_float(input[head + i]);
      const float second = to_float(input[head + half + i]);
      const float sine = direction * rotation.sines[i];
      store(first * rotation.cosines[i] - second * sine, output[head + i]);
      store(second * rotation.cosines[i] + first * sine, output[head + half + i]);
    }
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET

// Included once per instruction set by cpu_kernels_*.cpp; see there.

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

// As many columns as fit the registers of the widest instruction set a few times.
constexpr std::int64_t kColumnsAtOnce = 64;
// Sums of so many rows are summed again: rounding errors would grow with a single long sum.
constexpr std::int64_t kRowsAtOnce = 128;

template <std::int64_t kMaxColumns, class T>
LLMTOOL_ALWAYS_INLINE void sum_block(const T* rows, std::int64_t num_rows, std::int64_t row_size,
                                     std::int64_t num_columns, float* sums) {
  float total[kMaxColumns] = {};
  for (std::int64_t first = 0; first < num_rows; first += kRowsAtOnce) {
    const std::int64_t last = first + kRowsAtOnce < num_rows ? first + kRowsAtOnce : num_rows;
    float part[kMaxColumns] = {};
    for (std::int64_t row = first; row < last; ++row)
      for (std::int64_t j = 0; j < num_columns; ++j) part[j] += to_float(rows[row * row_size + j]);
    for (std::int64_t j = 0; j < num_columns; ++j) total[j] += part[j];
  }
  for (std::int64_t j = 0; j < num_columns; ++j) sums[j] = total[j];
}

template <class T>
void sum_columns(const T* rows, std::int64_t num_rows, std::int64_t row_size, std::int64_t begin, std::int64_t end,
                 float* sums) {
  std::int64_t column = begin;
  for (; column + kColumnsAtOnce <= end; column += kColumnsAtOnce)
    sum_block<kColumnsAtOnce>(rows + column, num_rows, row_size, kColumnsAtOnce, sums + column);
  sum_block<kColumnsAtOnce>(rows + column, num_rows, row_size, end - column, sums + column);
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
