#pragma once

#include <ATen/core/Tensor.h>

#include "llmtool/nn/activation.h"

namespace llmtool {

// The activation of every element, with gradients.
at::Tensor activate(const at::Tensor& input, Activation activation);

}  // namespace llmtool
