#include "llmtool/nn/layers.h"

#include <ATen/Functions.h>
#include <torch/nn/module.h>

#include <array>
#include <functional>
#include <stdexcept>

#include "llmtool/kernels/elementwise.h"
#include "llmtool/kernels/linear.h"
#include "llmtool/kernels/residual_norm.h"

namespace llmtool {

void use_kernels(torch::nn::Module& model, bool wanted) {
  if (auto* user = dynamic_cast<KernelUser*>(&model)) user->use_kernels(wanted);
  for (const auto& part : model.modules(/*include_self=*/false))
    if (auto* user = dynamic_cast<KernelUser*>(part.get())) user->use_kernels(wanted);
}

at::Tensor activate(const at::Tensor& input, Activation activation, bool use_kernel) {
  switch (activation) {
    case Activation::kGelu:
      return use_kernel ? llmtool::gelu(input) : at::gelu(input);
    case Activation::kGeluTanh:
      return at::gelu(input, "tanh");
    case Activation::kRelu:
      return at::relu(input);
    case Activation::kSilu:
      return at::silu(input);
    case Activation::kTanh:
      return at::tanh(input);
  }
  throw std::logic_error("an activation without a function");
}

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

namespace {

using at::Tensor;

// RReLU draws its slope between these in training and takes the middle otherwise.
constexpr double kLowestSlope = 1.0 / 8;
constexpr double kHighestSlope = 1.0 / 3;

constexpr std::array kTorchActivations{
    TorchActivation{"CELU", [](const Tensor& x) { return at::celu(x); }},
    TorchActivation{"ELU", [](const Tensor& x) { return at::elu(x); }},
    TorchActivation{"GELU", [](const Tensor& x) { return at::gelu(x); }},
    TorchActivation{"Hardshrink", [](const Tensor& x) { return at::hardshrink(x); }},
    TorchActivation{"Hardsigmoid", [](const Tensor& x) { return at::hardsigmoid(x); }},
    TorchActivation{"Hardswish", [](const Tensor& x) { return at::hardswish(x); }},
    TorchActivation{"Hardtanh", [](const Tensor& x) { return at::hardtanh(x); }},
    TorchActivation{"Identity", [](const Tensor& x) { return x; }},
    TorchActivation{"LeakyReLU", [](const Tensor& x) { return at::leaky_relu(x); }},
    TorchActivation{"LogSigmoid", [](const Tensor& x) { return at::log_sigmoid(x); }},
    TorchActivation{"LogSoftmax", [](const Tensor& x) { return at::log_softmax(x, 1); }, false},
    TorchActivation{"Mish", [](const Tensor& x) { return at::mish(x); }},
    TorchActivation{"RReLU", [](const Tensor& x) { return at::leaky_relu(x, (kLowestSlope + kHighestSlope) / 2); }},
    TorchActivation{"ReLU", [](const Tensor& x) { return at::relu(x); }},
    TorchActivation{"ReLU6", [](const Tensor& x) { return at::hardtanh(x, 0, 6); }},
    TorchActivation{"SELU", [](const Tensor& x) { return at::selu(x); }},
    TorchActivation{"SiLU", [](const Tensor& x) { return at::silu(x); }},
    TorchActivation{"Sigmoid", [](const Tensor& x) { return at::sigmoid(x); }},
    TorchActivation{"Softmax", [](const Tensor& x) { return at::softmax(x, 1); }, false},
    TorchActivation{"Softmin", [](const Tensor& x) { return at::softmax(-x, 1); }, false},
    TorchActivation{"Softplus", [](const Tensor& x) { return at::softplus(x); }},
    TorchActivation{"Softshrink", [](const Tensor& x) { return at::softshrink(x); }},
    TorchActivation{"Softsign", [](const Tensor& x) { return x / (x.abs() + 1); }},
    TorchActivation{"Tanh", [](const Tensor& x) { return at::tanh(x); }},
    TorchActivation{"Tanhshrink", [](const Tensor& x) { return x - at::tanh(x); }}};

}  // namespace

const TorchActivation* find_torch_activation(std::string_view name) {
  for (const TorchActivation& activation : kTorchActivations)
    if (activation.name == name) return &activation;
  return nullptr;
}

std::vector<std::string> torch_activation_names() {
  std::vector<std::string> names;
  for (const TorchActivation& activation : kTorchActivations) names.emplace_back(activation.name);
  return names;
}

Dense::Dense(const DenseOptions& options, at::Device device) : options_(options) {
  linear = register_module("linear",
                           std::make_shared<Linear>(options.input_size, options.output_size, device, options.has_bias));
  if (options.is_residual && options.input_size != options.output_size)
    residual = register_module(
        "residual", std::make_shared<Linear>(options.input_size, options.output_size, device, /*has_bias=*/false));
}

at::Tensor Dense::forward(const at::Tensor& input) const {
  const at::Tensor rows = input.to(at::kFloat);
  const at::Tensor output = options_.activation->compute(linear->forward(rows));
  if (!options_.is_residual) return output;
  return output + (residual ? residual->forward(rows) : rows);
}

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
