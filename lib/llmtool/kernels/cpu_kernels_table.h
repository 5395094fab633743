// Included last by cpu_kernels_*.cpp: the kernels of their instruction set as one table.

#include "llmtool/kernels/attention_head_passes.h"
#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/elementwise_passes.h"
#include "llmtool/kernels/residual_norm_passes.h"

#define LLMTOOL_NAME_TEXT(name) #name
#define LLMTOOL_NAME(name) LLMTOOL_NAME_TEXT(name)

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

template <class T>
constexpr ElementKernels<T> make_element_kernels() {
  return {
      drop<T>,        gelu<T>,          gelu_backward<T>,          gated_gelu<T>,  gated_gelu_backward<T>, rotate<T>,
      sum_columns<T>, residual_norm<T>, residual_norm_backward<T>, attend_head<T>, attend_head_backward<T>};
}

}  // namespace

extern const CpuKernels kernels;
const CpuKernels kernels = {LLMTOOL_NAME(LLMTOOL_INSTRUCTION_SET), make_element_kernels<float>(),
                            make_element_kernels<Bf16>()};

}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
