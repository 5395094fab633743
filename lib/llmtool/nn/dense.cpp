#include "llmtool/nn/dense.h"

#include <ATen/Functions.h>

#include <array>

namespace llmtool {
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

}  // namespace llmtool
