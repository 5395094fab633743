#pragma once

namespace llmtool::app {

// From now on large tensors on the CPU are made from memory that earlier ones have freed.
void keep_tensor_memory();

}  // namespace llmtool::app
