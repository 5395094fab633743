#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

namespace llmtool {

// Normalises each row to mean 0 and variance 1, then scales and, with a bias, shifts (Ba et al., 2016). Parameters
// uninitialised.
class LayerNorm : public torch::nn::Module {
 public:
  LayerNorm(std::int64_t size, double epsilon, at::Device device, bool has_bias = true);

  // [rows, size] -> [rows, size]
  at::Tensor forward(const at::Tensor& input) const;

  at::Tensor weight;  // [size]
  at::Tensor bias;    // [size]; undefined without one

 private:
  double epsilon_;
};

}  // namespace llmtool
