#include "llmtool/optim/update_rule.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

std::vector<OptimizerOptions> some_options() {
  OptimizerOptions adamw;
  adamw.weight_decay = 0.1;
  OptimizerOptions adam;
  adam.name = OptimizerKind::kAdam;
  adam.weight_decay = 0.0;
  OptimizerOptions penalised = adam;
  penalised.l1_penalty = 0.01;
  penalised.l2_penalty = 0.1;
  OptimizerOptions sgd = penalised;
  sgd.name = OptimizerKind::kSgd;
  sgd.momentum = 0.9;
  return {adamw, adam, penalised, sgd};
}

std::unique_ptr<UpdateRule> make_rule(const OptimizerOptions& options) {
  return options.name == OptimizerKind::kSgd ? make_sgd_rule(options) : make_adam_rule(options);
}

// Weights, gradients and states of several parameters, the same each time.
std::vector<UpdateTensors> some_tensors(const UpdateRule& rule) {
  at::manual_seed(5);
  std::vector<UpdateTensors> tensors;
  for (const std::int64_t size : {1, 7, 300, 40}) {
    UpdateTensors parameter{at::randn({size, 3}), at::randn({size, 3}), {}};
    for (std::size_t slot = 0; slot < rule.slots().size(); ++slot) parameter.slots.push_back(at::rand({size, 3}));
    tensors.push_back(std::move(parameter));
  }
  return tensors;
}

TEST_CASE("All parameters at once are updated as each alone") {
  for (const OptimizerOptions& options : some_options()) {
    const auto rule = make_rule(options);
    for (const double scale : {1.0, 0.37}) {
      CAPTURE(enum_name(options.name), options.l2_penalty, scale);
      const std::vector<UpdateContext> contexts{
          {0.02, scale, 1, true}, {0.02, scale, 3, false}, {0.02, scale, 4, true}, {0.02, scale, 4, false}};
      auto together = some_tensors(*rule);
      auto alone = some_tensors(*rule);
      const auto gradients = some_tensors(*rule);
      rule->update_all(together, contexts);
      for (std::size_t i = 0; i < alone.size(); ++i) {
        CAPTURE(i);
        rule->update(alone[i], contexts[i]);
        CHECK(at::allclose(together[i].weight, alone[i].weight, 1e-6, 1e-6));
        CHECK(together[i].gradient.equal(gradients[i].gradient));
        for (std::size_t slot = 0; slot < alone[i].slots.size(); ++slot)
          CHECK(at::allclose(together[i].slots[slot], alone[i].slots[slot], 1e-6, 1e-6));
      }
    }
  }
}

}  // namespace
}  // namespace llmtool
