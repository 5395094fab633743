#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

namespace llmtool {

// output = input * weight^T + bias. Parameters are left uninitialised: they are loaded, or drawn by the model.
class Linear : public torch::nn::Module {
 public:
  Linear(std::int64_t input_size, std::int64_t output_size, at::Device device, bool has_bias = true);

  // [rows, input_size] -> [rows, output_size]
  at::Tensor forward(const at::Tensor& input) const;

  at::Tensor weight;  // [output_size, input_size]
  at::Tensor bias;    // [output_size]; undefined without one
};

}  // namespace llmtool
