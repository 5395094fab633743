#include "llmtool/kernels/dropout_mask.h"

namespace llmtool {

LLMTOOL_INSTRUCTION_SETS
void apply_dropout_mask(const float* input, float* output, std::int64_t begin, std::int64_t end, DropoutMask mask) {
  for (std::int64_t index = begin; index < end; ++index)
    output[index] = input[index] * mask.factor(static_cast<std::uint64_t>(index));
}

}  // namespace llmtool
