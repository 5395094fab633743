#pragma once

namespace llmtool::app {

// What to do when memory does not suffice, behind "out of memory; ".
inline constexpr const char* kMemoryAdvice =
    "use a smaller training.batch_size (or tokens_per_batch) or tokenizer.max_length";

}  // namespace llmtool::app
