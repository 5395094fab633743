#define LLMTOOL_INSTRUCTION_SET avx2
#include "llmtool/kernels/attention_head_passes.h"
