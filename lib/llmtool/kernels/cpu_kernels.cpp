#include "llmtool/kernels/cpu_kernels.h"

namespace llmtool {

// Defined in a file per instruction set.
namespace baseline {
extern const CpuKernels kernels;
}
namespace avx2 {
extern const CpuKernels kernels;
}
namespace avx512 {
extern const CpuKernels kernels;
}

namespace {

bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
  return false;
#endif
}

}  // namespace

std::vector<const CpuKernels*> runnable_cpu_kernels() {
  std::vector<const CpuKernels*> runnable;
  if (has_avx512()) runnable.push_back(&avx512::kernels);
  if (has_avx2()) runnable.push_back(&avx2::kernels);
  runnable.push_back(&baseline::kernels);
  return runnable;
}

const CpuKernels& cpu_kernels() {
  static const CpuKernels& best = *runnable_cpu_kernels().front();
  return best;
}

bool onednn_multiplies_bf16() { return has_avx512(); }

bool has_native_bf16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace llmtool
