#include "llmtool/nn/linear.h"

#include <ATen/Functions.h>

#include <functional>

#include "llmtool/kernels/linear.h"

namespace llmtool {

Linear::Linear(std::int64_t input_size, std::int64_t output_size, at::Device device, bool has_bias) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  weight = register_parameter("weight", at::empty({output_size, input_size}, options));
  if (has_bias) bias = register_parameter("bias", at::empty({output_size}, options));
}

at::Tensor Linear::forward(const at::Tensor& input) const {
  return uses_kernels() ? llmtool::linear(input, used_weight(), bias) : plain_linear(input, used_weight(), bias);
}

at::Tensor Linear::make_working_copy(at::ScalarType type) {
  working_copy_ = weight.detach().to(type).set_requires_grad(true);
  return working_copy_;
}

at::Tensor forward_jointly(const at::Tensor& input, const std::vector<std::shared_ptr<Linear>>& maps) {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  for (const auto& map : maps) {
    weights.push_back(map->used_weight());
    biases.push_back(map->bias);
  }
  return llmtool::linear(input, at::cat(weights), at::cat(biases));
}

namespace {

void for_each_linear(const torch::nn::Module& model, const std::function<void(Linear&)>& action) {
  for (const auto& part : model.modules(/*include_self=*/false))
    if (auto* linear = dynamic_cast<Linear*>(part.get())) action(*linear);
}

}  // namespace

std::vector<WorkingCopy> make_working_copies(const torch::nn::Module& model, at::ScalarType type) {
  std::vector<WorkingCopy> copies;
  for_each_linear(model, [&](Linear& linear) { copies.push_back({linear.weight, linear.make_working_copy(type)}); });
  return copies;
}

void convert_linear_weights(const torch::nn::Module& model, at::ScalarType type) {
  for_each_linear(model, [&](Linear& linear) { linear.weight.set_data(linear.weight.detach().to(type)); });
}

}  // namespace llmtool
