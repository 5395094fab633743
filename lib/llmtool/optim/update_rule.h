#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/optim/options.h"

namespace llmtool {

// One parameter, its gradient and its state, whole tensors. Gradients are not changed.
struct UpdateTensors {
  at::Tensor weight;
  at::Tensor gradient;
  std::vector<at::Tensor> slots;  // in the order of UpdateRule::slots()
};

// No rule keeps more tensors for a parameter.
inline constexpr std::size_t kMostSlots = 3;

// The same as contiguous fp32 memory on the CPU, or a part of it.
struct UpdateRange {
  float* weight = nullptr;
  const float* gradient = nullptr;
  std::array<float*, kMostSlots> slots{};
  std::int64_t size = 0;
};

// What an update depends on besides the options.
struct UpdateContext {
  double learning_rate = 0.0;
  double gradient_scale = 1.0;
  std::int64_t step = 1;  // updates of this parameter, this one included
  bool decayed = true;
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
  // What an update without gradient and with a state of zeros multiplies weights by; unset when it does more to them.
  virtual std::optional<float> idle_factor(const UpdateContext& context) const = 0;
};

std::unique_ptr<UpdateRule> make_adam_rule(const OptimizerOptions& options);  // adamw, adam
std::unique_ptr<UpdateRule> make_sgd_rule(const OptimizerOptions& options);
std::unique_ptr<UpdateRule> make_rmsprop_rule(const OptimizerOptions& options);

// The penalties change a weight that has no gradient.
bool has_penalties(const UpdateContext& context, const OptimizerOptions& options);

// Scaled gradient plus penalties, as a new tensor (or the gradient itself when nothing is to be done).
at::Tensor total_gradient(const UpdateTensors& tensors, const UpdateContext& context, const OptimizerOptions& options);

}  // namespace llmtool
