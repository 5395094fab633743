#define LLMTOOL_INSTRUCTION_SET baseline
#include "llmtool/kernels/attention_head_passes.h"
