#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace llmtool {

struct NamedTensorValue {
  std::string name;
  at::Tensor value;
};

// One trained (or frozen) tensor of a model.
struct Parameter {
  std::string name;  // Hugging Face name
  at::Tensor value;  // fp32 master, a leaf
  bool trainable = true;
  bool decayed = true;  // weight decay and penalties apply
  // The model computes with this instead, in another number type: a leaf with the master's values. Undefined: none.
  at::Tensor working_copy = {};

  // It is the working copy's or, without one or once widened, the master's; sparse for tables of which few rows are
  // read.
  // Undefined when there is none.
  at::Tensor gradient() const;
};

// The one place where a model's parameters live: fp32 masters in the order they were added. Saving, clipping and the
// optimizer go through it. Tied weights are added once.
class ParameterStore {
 public:
  // The tensor is shared with the model, not copied, and is trained from now on; `decayed`: weight decay applies to it.
  // Throws std::invalid_argument for a name already there, a tensor already there, or one that is not a contiguous fp32
  // leaf.
  void add(std::string name, at::Tensor value, bool decayed = true);
  // Frozen parameters keep their values and need no gradient. Throws std::out_of_range for an unknown name.
  void set_trainable(std::string_view name, bool trainable);

  // From now on the parameter `value` computes through `copy`. Throws std::out_of_range for an unknown tensor.
  void set_working_copy(const at::Tensor& value, at::Tensor copy);
  // Gives the working copies the values of their masters.
  void refresh_working_copies();

  const std::vector<Parameter>& parameters() const { return parameters_; }
  // Null when there is none of this name.
  const Parameter* find(std::string_view name) const;
  std::int64_t num_values() const;

  // Drops all gradients: the next backward pass allocates them anew instead of adding to zeros.
  void clear_gradients();
  // Adds the gradients of working copies to those of their masters, in fp32: so they are summed without rounding.
  void widen_gradients();
  // Makes every row of a sparse gradient one sum: what the functions below and the optimizer need.
  void coalesce_gradients();
  // Global 2-norm over all gradients there are, 0 when there are none; the same for any number of threads.
  double gradient_norm() const;
  // Names of parameters whose gradient holds NaN or infinity.
  std::vector<std::string> non_finite_gradients() const;

 private:
  std::vector<Parameter> parameters_;
  std::unordered_map<std::string, std::size_t> index_;
};

// Factor that scales gradients of global norm `norm` down to `max_norm`, as torch.nn.utils.clip_grad_norm_:
// min(1, max_norm / (norm + 1e-6)); 1 when max_norm is 0 (no clipping).
double clipping_factor(double norm, double max_norm);

}  // namespace llmtool
