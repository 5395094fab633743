// The kernels with vectors of 16 floats, which the compiler divides where registers are smaller: what differs in the
// code of AVX-512, its tiles and remainders, is tested on every machine.
#define LLMTOOL_INSTRUCTION_SET wide
#define LLMTOOL_TESTED_VECTOR_SIZE 16
#include "llmtool/kernels/cpu_kernels_table.h"
