#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "llmtool/optim/range_kernels.h"

namespace llmtool {

// One parameter, its gradient and its state, whole tensors. Gradients are not changed.
struct UpdateTensors {
  at::Tensor weight;
  at::Tensor gradient;
  std::vector<at::Tensor> slots;  // in the order of UpdateRule::slots()
};

// The formula of an optimizer, twice: with ATen operations, and fused into one pass over memory.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;
  // Names of the state tensors, each shaped as the parameter and zero at first.
  virtual std::vector<std::string> slots() const = 0;
  virtual void update(UpdateTensors& tensors, const UpdateContext& context) const = 0;
  virtual void update(const UpdateRange& range, const UpdateContext& context) const = 0;
  // All parameters of a step, on any device: one after the other, or by one operation for all of them where LibTorch
  // has it, which on a GPU costs a fraction. Contexts differ in step and decay only.
  virtual void update_all(std::vector<UpdateTensors>& tensors, const std::vector<UpdateContext>& contexts) const;
  // An update without gradient and with a state of zeros multiplies weights by this; unset when it does more to them.
  virtual std::optional<float> idle_factor(const UpdateContext& context) const = 0;
};

// The penalties change a weight that has no gradient.
bool has_penalties(const UpdateContext& context, const OptimizerOptions& options);

// Scaled gradient plus penalties, as a new tensor (or the gradient itself when nothing is to be done).
at::Tensor total_gradient(const UpdateTensors& tensors, const UpdateContext& context, const OptimizerOptions& options);

}  // namespace llmtool
