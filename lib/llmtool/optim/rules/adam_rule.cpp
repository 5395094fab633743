#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "llmtool/optim/update_rule.h"

namespace llmtool {
namespace {

// Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019), as torch/optim/adam.py.
class AdamRule : public UpdateRule {
 public:
  explicit AdamRule(const OptimizerOptions& options) : options_(options) {}

  std::vector<std::string> slots() const override { return {"exp_avg", "exp_avg_sq"}; }

  void update(UpdateTensors& tensors, const UpdateContext& context) const override {
    const at::Tensor gradient = total_gradient(tensors, context, options_);
    at::Tensor& mean = tensors.slots[0];
    at::Tensor& mean_square = tensors.slots[1];
    const double keep = decay_factor(context, options_);
    if (keep != 1.0) tensors.weight.mul_(keep);
    mean.lerp_(gradient, 1.0 - options_.beta1);
    mean_square.mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
    const double root_bias_correction2 = std::sqrt(bias_correction(options_.beta2, context));
    const at::Tensor denominator = (mean_square.sqrt() / root_bias_correction2).add_(options_.epsilon);
    tensors.weight.addcdiv_(mean, denominator, -(context.learning_rate / bias_correction(options_.beta1, context)));
  }

  void update(const UpdateRange& range, const UpdateContext& context) const override {
    update_by_adam(range, context, options_);
  }

  void update_all(std::vector<UpdateTensors>& tensors, const std::vector<UpdateContext>& contexts) const override {
    const auto penalised = [&](const UpdateContext& context) { return has_penalties(context, options_); };
    if (std::any_of(contexts.begin(), contexts.end(), penalised)) return UpdateRule::update_all(tensors, contexts);
    for (const bool decayed : {true, false}) update_group(tensors, contexts, decayed);
  }

  std::optional<float> idle_factor(const UpdateContext& context) const override {
    if (has_penalties(context, options_)) return std::nullopt;
    return static_cast<float>(decay_factor(context, options_));
  }

 private:
  // Those that decay, or those that do not.
  void update_group(const std::vector<UpdateTensors>& tensors, const std::vector<UpdateContext>& contexts,
                    bool decayed) const {
    std::vector<at::Tensor> weights, gradients, means, mean_squares;
    std::vector<float> steps;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      if (contexts[i].decayed != decayed) continue;
      weights.push_back(tensors[i].weight);
      gradients.push_back(tensors[i].gradient);
      means.push_back(tensors[i].slots[0]);
      mean_squares.push_back(tensors[i].slots[1]);
      steps.push_back(static_cast<float>(contexts[i].step));
    }
    if (weights.empty()) return;
    const UpdateContext& context = contexts.front();
    if (context.gradient_scale != 1.0) gradients = at::_foreach_mul(gradients, context.gradient_scale);
    const auto step_tensors = at::tensor(steps, at::kFloat).to(weights.front().device()).unbind();
    at::_fused_adamw_(weights, gradients, means, mean_squares, {}, step_tensors, context.learning_rate, options_.beta1,
                      options_.beta2, decayed ? options_.weight_decay : 0.0, options_.epsilon, /*amsgrad=*/false,
                      /*maximize=*/false);
  }

  OptimizerOptions options_;
};

}  // namespace

std::unique_ptr<UpdateRule> make_adam_rule(const OptimizerOptions& options) {
  return std::make_unique<AdamRule>(options);
}

}  // namespace llmtool
