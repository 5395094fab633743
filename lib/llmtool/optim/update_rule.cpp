#include "llmtool/optim/update_rule.h"

#include <ATen/ATen.h>

namespace llmtool {

void UpdateRule::update_all(std::vector<UpdateTensors>& tensors, const std::vector<UpdateContext>& contexts) const {
  for (std::size_t i = 0; i < tensors.size(); ++i) update(tensors[i], contexts[i]);
}

bool has_penalties(const UpdateContext& context, const OptimizerOptions& options) {
  return context.decayed && (options.l1_penalty != 0.0 || options.l2_penalty != 0.0);
}

at::Tensor total_gradient(const UpdateTensors& tensors, const UpdateContext& context, const OptimizerOptions& options) {
  at::Tensor gradient = tensors.gradient;
  if (context.gradient_scale != 1.0) gradient = gradient * context.gradient_scale;
  if (!context.decayed) return gradient;
  if (options.l2_penalty != 0.0) gradient = gradient.add(tensors.weight, options.l2_penalty);
  if (options.l1_penalty != 0.0) gradient = gradient.add(at::sign(tensors.weight), options.l1_penalty);
  return gradient;
}

}  // namespace llmtool
