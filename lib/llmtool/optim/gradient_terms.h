#pragma once

#include "llmtool/optim/range_kernels.h"
#include "llmtool/optim/update_rule.h"

namespace llmtool {

inline GradientTerms gradient_terms(const UpdateContext& context, const OptimizerOptions& options) {
  GradientTerms terms;
  terms.scale = static_cast<float>(context.gradient_scale);
  if (!context.decayed) return terms;
  terms.l1_penalty = static_cast<float>(options.l1_penalty);
  terms.l2_penalty = static_cast<float>(options.l2_penalty);
  return terms;
}

}  // namespace llmtool
