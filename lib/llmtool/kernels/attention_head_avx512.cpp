#define LLMTOOL_INSTRUCTION_SET avx512
#include "llmtool/kernels/attention_head_passes.h"
