#pragma once

#include <ATen/core/Tensor.h>

#include "llmtool/nn/activation.h"

namespace llmtool {

// The activation of every element, with gradients; `use_kernel`: by our own kernel where there is one.
at::Tensor activate(const at::Tensor& input, Activation activation, bool use_kernel = false);

}  // namespace llmtool
