#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// input [rows, in] * weight [out, in]^T + bias [out], in the number type of the weight, to which input and bias are
// converted; `bias` may be undefined. Gradients have the types of what they belong to. On the CPU the products are
// oneDNN's where it is the faster of the libraries.
at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias);

// The same by at::linear.
at::Tensor plain_linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace llmtool
