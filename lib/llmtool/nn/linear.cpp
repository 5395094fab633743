#include "llmtool/nn/linear.h"

#include <ATen/Functions.h>

namespace llmtool {

Linear::Linear(std::int64_t input_size, std::int64_t output_size, at::Device device, bool has_bias) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  weight = register_parameter("weight", at::empty({output_size, input_size}, options));
  if (has_bias) bias = register_parameter("bias", at::empty({output_size}, options));
}

at::Tensor Linear::forward(const at::Tensor& input) const { return at::linear(input, weight, bias); }

}  // namespace llmtool
