#include <ATen/ATen.h>

#include "llmtool/optim/update_rule.h"

namespace llmtool {
namespace {

// Steps of the learning rate against the sign of the gradient.
class ToyRule : public UpdateRule {
 public:
  explicit ToyRule(const OptimizerOptions& options) : options_(options) {}

  std::vector<std::string> slots() const override { return {}; }
  void update(UpdateTensors& tensors, const UpdateContext& context) const override {
    tensors.weight.add_(at::sign(total_gradient(tensors, context, options_)), -context.learning_rate);
  }
  void update(const UpdateRange& range, const UpdateContext& context) const override {
    update_by_toy(range, context, options_);
  }
  std::optional<float> idle_factor(const UpdateContext& context) const override {
    return has_penalties(context, options_) ? std::nullopt : std::optional(1.0F);
  }

 private:
  OptimizerOptions options_;
};

}  // namespace

std::unique_ptr<UpdateRule> make_toy_rule(const OptimizerOptions& options) {
  return std::make_unique<ToyRule>(options);
}

}  // namespace llmtool
