#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/nn/activation.h"

namespace torch::nn {
class Module;
}

namespace llmtool {

// A module that computes with the kernels or, as their reference, with plain ATen operations.
class KernelUser {
 public:
  virtual ~KernelUser() = default;
  bool uses_kernels() const { return uses_kernels_; }
  void use_kernels(bool wanted) { uses_kernels_ = wanted; }

 private:
  bool uses_kernels_ = true;
};

// Makes every part of a model compute with the kernels, or none.
void use_kernels(torch::nn::Module& model, bool wanted);

// The activation of every element, with gradients; `use_kernel`: by our own kernel where there is one.
at::Tensor activate(const at::Tensor& input, Activation activation, bool use_kernel = false);

// output = input * weight^T + bias. Parameters are left uninitialised: they are loaded, or drawn by the model.
class Linear : public torch::nn::Module, public KernelUser {
 public:
  Linear(std::int64_t input_size, std::int64_t output_size, at::Device device, bool has_bias = true);

  // [rows, input_size] -> [rows, output_size], in number_type().
  at::Tensor forward(const at::Tensor& input) const;
  // What it computes in: the type of the working copy in training when there is one, of the weight otherwise.
  at::ScalarType number_type() const { return used_weight().scalar_type(); }

  // Makes training compute with a copy of the weight in another number type: a leaf with a gradient of its own, which
  // whoever changes the weight keeps up to date. Returns it.
  at::Tensor make_working_copy(at::ScalarType type);

  at::Tensor weight;  // [output_size, input_size]
  at::Tensor bias;    // [output_size]; undefined without one

 private:
  friend at::Tensor forward_jointly(const at::Tensor& input, const std::vector<std::shared_ptr<Linear>>& maps);
  const at::Tensor& used_weight() const { return is_training() && working_copy_.defined() ? working_copy_ : weight; }

  at::Tensor working_copy_;  // undefined without one
};

// Outputs of maps of one input beside each other, [rows, sum of the output sizes], by one product of their weights
// joined anew: faster than one for each with gradients, those of the input most of all. All maps have a bias.
at::Tensor forward_jointly(const at::Tensor& input, const std::vector<std::shared_ptr<Linear>>& maps);

// A weight and what training computes with instead.
struct WorkingCopy {
  at::Tensor weight;
  at::Tensor copy;
};

// One for every linear map within a model.
std::vector<WorkingCopy> make_working_copies(const torch::nn::Module& model, at::ScalarType type);

// Converts the weight of every linear map within a model that is not trained any more.
void convert_linear_weights(const torch::nn::Module& model, at::ScalarType type);

// An activation as its class in torch.nn computes it with its default settings, in evaluation mode: what a module that
// names a class has behind it.
struct TorchActivation {
  std::string_view name;  // of the class: "Tanh"
  at::Tensor (*compute)(const at::Tensor&);
  bool is_element_wise = true;  // otherwise over the numbers of a row
};

// Null for a class that is not known, which includes those with weights or settings they cannot do without.
const TorchActivation* find_torch_activation(std::string_view name);
std::vector<std::string> torch_activation_names();

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
