#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

namespace llmtool {

// An activation as its class in torch.nn computes it with its default settings, in evaluation mode: what a module that
// names a class has behind it.
struct TorchActivation {
  std::string_view name;  // of the class: "Tanh"
  at::Tensor (*compute)(const at::Tensor&);
  bool is_element_wise = true;  // otherwise over the numbers of a row
};

// Null for a class that is not known, which includes those with weights or settings they cannot do without.
const TorchActivation* find_torch_activation(std::string_view name);
std::vector<std::string> torch_activation_names();

}  // namespace llmtool
