#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>

#include "llmtool/nn/linear.h"
#include "llmtool/nn/torch_activation.h"

namespace llmtool {

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
