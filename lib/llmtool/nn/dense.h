#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/nn/linear.h"

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

struct DenseOptions {
  std::int64_t input_size = 0;
  std::int64_t output_size = 0;
  bool has_bias = true;
  const TorchActivation* activation = nullptr;
  // The input is added to the output, through a map of its own where they differ in size.
  bool is_residual = false;
};

// An affine map and an activation: the module Dense of sentence-transformers. Parameters are left uninitialised.
class Dense : public torch::nn::Module {
 public:
  Dense(const DenseOptions& options, at::Device device);

  // [rows, input_size] -> [rows, output_size], in fp32.
  at::Tensor forward(const at::Tensor& input) const;
  const DenseOptions& options() const { return options_; }

  std::shared_ptr<Linear> linear;
  std::shared_ptr<Linear> residual;  // null where the input needs none, or is not added

 private:
  DenseOptions options_;
};

}  // namespace llmtool
