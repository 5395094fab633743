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

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
