#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

#include "llmtool/nn/kernel_user.h"

namespace llmtool {

// Normalises each row to mean 0 and variance 1, then scales and, with a bias, shifts (Ba et al., 2016). Parameters
// uninitialised.
class LayerNorm : public torch::nn::Module, public KernelUser {
 public:
  LayerNorm(std::int64_t size, double epsilon, at::Device device, bool has_bias = true);

  // [rows, size] -> [rows, size]
  at::Tensor forward(const at::Tensor& input) const;
  // Of dropout(update) + residual, of one number type.
  at::Tensor forward_sum(const at::Tensor& update, const at::Tensor& residual, double dropout_rate) const;

  at::Tensor weight;  // [size]
  at::Tensor bias;    // [size]; undefined without one

 private:
  double epsilon_;
};

}  // namespace llmtool
