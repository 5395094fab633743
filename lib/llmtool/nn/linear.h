#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "llmtool/nn/kernel_user.h"

namespace llmtool {

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

}  // namespace llmtool
