#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/kernels/elements.h"
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

}  // namespace llmtool
