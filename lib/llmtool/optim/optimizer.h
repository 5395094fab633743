#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/kernels/elements.h"
#include "llmtool/optim/options.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/optim/update_rule.h"

namespace llmtool {

// The parts of all parameters of a step, each small enough for one thread to update while it lies in its cache.
class UpdatePieces {
 public:
  // Contiguous fp32 weights on the CPU; the gradient is fp32 or bf16. The working copy, bf16 or undefined, gets the new
  // weights. `context` must outlive this.
  void add(const UpdateTensors& tensors, const at::Tensor& working_copy, const UpdateContext& context);
  // The same where the gradient is sparse and coalesced: rows without one are updated as if it were zero, which costs
  // little for rows that never had one. Rows that have one become active.
  void add_rows(const UpdateRule& rule, const UpdateTensors& tensors, const UpdateContext& context,
                std::vector<char>& active_rows);

  // Updates all of them, on several threads.
  void update(const UpdateRule& rule) const;

 private:
  struct Piece {
    UpdateRange range;  // its gradient is null when that is bf16
    const UpdateContext* context = nullptr;
    const Bf16* bf16_gradient = nullptr;
    Bf16* working_copy = nullptr;  // null: there is none
    float idle_factor = 1.0F;
    bool is_idle = false;  // weights are only multiplied by the factor
  };
  static void update(const UpdateRule& rule, const Piece& piece);

  std::vector<Piece> pieces_;
  std::vector<at::Tensor> gradients_;  // what the pieces read
};

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
