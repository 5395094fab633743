#include "llmtool/optim/options.h"

#include <cmath>
#include <string>

#include "llmtool/core/json_excerpt.h"

namespace llmtool {
namespace {

// A setting that differs from its default although `name` does not use it.
void refuse_unused(FieldErrors& errors, OptimizerKind name, bool differs, const char* field, const char* used_by) {
  if (differs)
    errors.add(field, std::string(enum_name(name)) + " does not use it; it belongs to " + used_by +
                          ": remove it or choose another optimizer");
}

}  // namespace

void OptimizerOptions::check(FieldErrors& errors) const {
  const OptimizerOptions defaults;
  const bool is_adam = name == OptimizerKind::kAdamW || name == OptimizerKind::kAdam;
  const bool is_sgd = name == OptimizerKind::kSgd;
  const bool is_rmsprop = name == OptimizerKind::kRmsProp;
  if (name != OptimizerKind::kAdamW && weight_decay != 0.0)
    errors.add("weight_decay", "decoupled weight decay belongs to adamw; with " + std::string(enum_name(name)) +
                                   " use l2_penalty, which is added to the gradient");
  refuse_unused(errors, name, !is_adam && beta1 != defaults.beta1, "beta1", "adamw and adam");
  refuse_unused(errors, name, !is_adam && beta2 != defaults.beta2, "beta2", "adamw and adam");
  refuse_unused(errors, name, is_sgd && epsilon != defaults.epsilon, "epsilon", "adamw, adam and rmsprop");
  refuse_unused(errors, name, is_adam && momentum != defaults.momentum, "momentum", "sgd and rmsprop");
  refuse_unused(errors, name, !is_sgd && nesterov, "nesterov", "sgd");
  refuse_unused(errors, name, !is_rmsprop && alpha != defaults.alpha, "alpha", "rmsprop");
  refuse_unused(errors, name, !is_rmsprop && centered, "centered", "rmsprop");
  if (is_sgd && nesterov && momentum == 0.0) errors.add("nesterov", "needs a momentum above 0");
}

std::int64_t Warmup::steps(std::int64_t total_steps) const {
  if (amount >= 1.0) return static_cast<std::int64_t>(amount);
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * amount));
}

Warmup Warmup::from_json(const Json& json) {
  const double amount = json.is_number() ? json.get<double>() : -1.0;
  const bool is_share = amount >= 0.0 && amount < 1.0;
  const bool is_steps = amount >= 1.0 && amount <= 1e15 && amount == std::floor(amount);
  if (!is_share && !is_steps)
    throw ValueError("expected a share of all steps from 0 to below 1, or a whole number of steps, not " +
                     json_excerpt(json));
  return {amount};
}

Json Warmup::to_json() const {
  if (amount >= 1.0) return static_cast<std::int64_t>(amount);
  return amount;
}

Json Warmup::json_schema() {
  return Json::parse(R"({"oneOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1},
      {"type": "integer", "minimum": 1}]})");
}

}  // namespace llmtool
