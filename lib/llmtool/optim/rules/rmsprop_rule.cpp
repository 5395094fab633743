#include <ATen/ATen.h>

#include "llmtool/optim/update_rule.h"

namespace llmtool {
namespace {

// RMSprop (Tieleman and Hinton, 2012), centered as in Graves (2013), as torch/optim/rmsprop.py.
class RmsPropRule : public UpdateRule {
 public:
  explicit RmsPropRule(const OptimizerOptions& options) : options_(options) {}

  std::vector<std::string> slots() const override {
    std::vector<std::string> names{"square_avg"};
    if (options_.centered) names.emplace_back("grad_avg");
    if (has_momentum()) names.emplace_back("momentum_buffer");
    return names;
  }

  void update(UpdateTensors& tensors, const UpdateContext& context) const override {
    const at::Tensor gradient = total_gradient(tensors, context, options_);
    at::Tensor& mean_square = tensors.slots[0];
    mean_square.mul_(options_.alpha).addcmul_(gradient, gradient, 1.0 - options_.alpha);
    at::Tensor variance = mean_square;
    if (options_.centered) {
      at::Tensor& mean = tensors.slots[1];
      mean.lerp_(gradient, 1.0 - options_.alpha);
      variance = mean_square.addcmul(mean, mean, -1.0);
    }
    const at::Tensor deviation = variance.sqrt().add_(options_.epsilon);
    if (has_momentum()) {
      at::Tensor& buffer = tensors.slots.back();
      buffer.mul_(options_.momentum).addcdiv_(gradient, deviation);
      tensors.weight.add_(buffer, -context.learning_rate);
    } else {
      tensors.weight.addcdiv_(gradient, deviation, -context.learning_rate);
    }
  }

  void update(const UpdateRange& range, const UpdateContext& context) const override {
    update_by_rmsprop(range, context, options_);
  }

  std::optional<float> idle_factor(const UpdateContext& context) const override {
    return has_penalties(context, options_) ? std::nullopt : std::optional(1.0F);
  }

 private:
  bool has_momentum() const { return options_.momentum != 0.0; }

  OptimizerOptions options_;
};

}  // namespace

std::unique_ptr<UpdateRule> make_rmsprop_rule(const OptimizerOptions& options) {
  return std::make_unique<RmsPropRule>(options);
}

}  // namespace llmtool
