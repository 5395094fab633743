#pragma once

// Compiles a function for AVX-512, AVX2 and the baseline; the loader picks the best one the processor has. What it
// calls must be LLMTOOL_ALWAYS_INLINE to be compiled for the same set.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define LLMTOOL_INSTRUCTION_SETS __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define LLMTOOL_INSTRUCTION_SETS
#endif
#define LLMTOOL_ALWAYS_INLINE __attribute__((always_inline)) inline
