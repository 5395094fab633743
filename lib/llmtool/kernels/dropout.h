#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// Sets elements to 0 with probability `rate` and divides the rest by 1 - rate, with gradients. On fp32 CPU tensors one
// pass that stores no mask; elsewhere at::dropout. Draws from the global generator.
at::Tensor dropout(const at::Tensor& input, double rate);

}  // namespace llmtool
