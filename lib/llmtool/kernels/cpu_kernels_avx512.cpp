// The kernels, compiled for one instruction set (see CMakeLists.txt). Everything they call is inlined or in the set's
// own namespace: an inline function of a library could be emitted for the wrong set.
#define LLMTOOL_INSTRUCTION_SET avx512
#include "llmtool/kernels/cpu_kernels_table.h"
