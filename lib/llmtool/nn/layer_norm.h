#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

namespace llmtool {

// Normalises each row to mean 0 and variance 1, then scales and shifts (Ba et al., 2016). Parameters uninitialised.
class LayerNorm : public torch::nn::Module {
 public:
  LayerNorm(std::int64_t size, double epsilon, at::Device device);

  // [rows, size] -> [rows, size]
  at::Tensor forward(const at::Tensor& input) const;

  at::Tensor weight;  // [size]
  at::Tensor bias;    // [size]

 private:
  double epsilon_;
};

}  // namespace llmtool
