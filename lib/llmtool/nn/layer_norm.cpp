#include "llmtool/nn/layer_norm.h"

#include <ATen/Functions.h>

#include "llmtool/kernels/dropout.h"
#include "llmtool/kernels/residual_norm.h"

namespace llmtool {

LayerNorm::LayerNorm(std::int64_t size, double epsilon, at::Device device, bool has_bias) : epsilon_(epsilon) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  weight = register_parameter("weight", at::empty({size}, options));
  if (has_bias) bias = register_parameter("bias", at::empty({size}, options));
}

at::Tensor LayerNorm::forward(const at::Tensor& input) const {
  return at::layer_norm(input, weight.sizes(), weight, bias, epsilon_);
}

at::Tensor LayerNorm::forward_sum(const at::Tensor& update, const at::Tensor& residual, double dropout_rate) const {
  if (uses_kernels() && can_fuse_residual_norm(update, residual, bias))
    return residual_norm(update, residual, {weight, bias, epsilon_}, dropout_rate);
  return forward(dropout(update, dropout_rate) + residual);
}

}  // namespace llmtool
