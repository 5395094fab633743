// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include "llmtool/kernels/cpu_kernels.h"

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
