#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/optim/options.h"
#include "llmtool/optim/parameter_store.h"

namespace llmtool {

// Updates the trainable parameters of a store from their gradients and keeps the state this needs, by parameter name.
// A parameter without gradient is left alone, as in torch.optim. The store must outlive the optimizer.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // One update. Every gradient is first multiplied by `gradient_scale` (clipping_factor), then the penalties are added.
  virtual void step(double learning_rate, double gradient_scale = 1.0) = 0;

  // Tensors to save: "<parameter>.<slot>" with the slots of torch.optim (exp_avg, exp_avg_sq, momentum_buffer,
  // square_avg, grad_avg) and "<parameter>.step", an int64 scalar. Parameters never updated have none.
  virtual std::vector<NamedTensorValue> state() const = 0;
  // Continues from what state() gave. Throws ModelError listing what does not belong to this optimizer and store.
  virtual void load_state(const std::vector<NamedTensorValue>& state) = 0;
};

// The optimizer named in `options`, which must have passed check(). `fused`: one
// pass over the memory of each tensor on the CPU; otherwise plain ATen operations (the same formulas, slower).
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, ParameterStore& store, bool fused = true);

}  // namespace llmtool
