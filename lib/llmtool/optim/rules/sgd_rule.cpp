#include <ATen/ATen.h>

#include "llmtool/optim/update_rule.h"

namespace llmtool {
namespace {

// Stochastic gradient descent with momentum, as torch/optim/sgd.py without dampening.
class SgdRule : public UpdateRule {
 public:
  explicit SgdRule(const OptimizerOptions& options) : options_(options) {}

  std::vector<std::string> slots() const override {
    return has_momentum() ? std::vector<std::string>{"momentum_buffer"} : std::vector<std::string>{};
  }

  void update(UpdateTensors& tensors, const UpdateContext& context) const override {
    at::Tensor gradient = total_gradient(tensors, context, options_);
    if (has_momentum()) {
      at::Tensor& buffer = tensors.slots[0];
      buffer.mul_(options_.momentum).add_(gradient);
      gradient = options_.nesterov ? gradient.add(buffer, options_.momentum) : buffer;
    }
    tensors.weight.add_(gradient, -context.learning_rate);
  }

  void update(const UpdateRange& range, const UpdateContext& context) const override {
    update_by_sgd(range, context, options_);
  }

  std::optional<float> idle_factor(const UpdateContext& context) const override {
    return has_penalties(context, options_) ? std::nullopt : std::optional(1.0F);
  }

 private:
  bool has_momentum() const { return options_.momentum != 0.0; }

  OptimizerOptions options_;
};

}  // namespace

std::unique_ptr<UpdateRule> make_sgd_rule(const OptimizerOptions& options) {
  return std::make_unique<SgdRule>(options);
}

}  // namespace llmtool
