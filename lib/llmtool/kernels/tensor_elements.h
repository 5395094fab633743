#pragma once

#include <ATen/core/Tensor.h>

#include <stdexcept>

#include "llmtool/kernels/elements.h"

namespace llmtool {

// The kernels compute these: fp32 or bf16 on the CPU.
inline bool has_kernel_elements(const at::Tensor& tensor) {
  return tensor.is_cpu() && (tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16);
}

// The numbers of a tensor, or of rows behind each other in one, as the kernels see them.
template <class T>
const T* elements(const at::Tensor& tensor) {
  return reinterpret_cast<const T*>(tensor.const_data_ptr());
}
template <class T>
T* mutable_elements(const at::Tensor& tensor) {
  return reinterpret_cast<T*>(tensor.mutable_data_ptr());
}

// Calls action.operator()<T>() with the element type of a tensor that has_kernel_elements().
template <class Action>
void with_element_type(const at::Tensor& tensor, const Action& action) {
  if (tensor.scalar_type() == at::kFloat) return action.template operator()<float>();
  if (tensor.scalar_type() == at::kBFloat16) return action.template operator()<Bf16>();
  throw std::logic_error("the kernels compute fp32 and bf16 only");
}

}  // namespace llmtool
