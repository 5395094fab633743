// The fused updates between pages that nothing may touch, compared with the same rules by ATen operations.

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <random>

#include "../support/guarded_tensors.h"
#include "../support/rounds.h"
#include "llmtool/kernels/tensor_elements.h"
#include "llmtool/optim/optimizer.h"
#include "llmtool/optim/range_kernels.h"
#include "llmtool/optim/update_rule.h"

namespace llmtool {
namespace {

using testing::GuardedEnd;

struct NamedRule {
  std::string name;
  std::unique_ptr<UpdateRule> rule;
};

std::vector<NamedRule> all_rules() {
  std::vector<NamedRule> rules;
  OptimizerOptions options;
  options.weight_decay = 0.1;
  rules.push_back({"adamw", make_adam_rule(options)});
  options.weight_decay = 0.0;
  options.l1_penalty = 0.01;
  options.l2_penalty = 0.1;
  rules.push_back({"adam with penalties", make_adam_rule(options)});
  for (const bool nesterov : {false, true})
    for (const double momentum : {0.0, 0.9}) {
      if (nesterov && momentum == 0.0) continue;
      options.momentum = momentum;
      options.nesterov = nesterov;
      rules.push_back({"sgd", make_sgd_rule(options)});
    }
  for (const bool centered : {false, true})
    for (const double momentum : {0.0, 0.9}) {
      options.momentum = momentum;
      options.centered = centered;
      rules.push_back({"rmsprop", make_rmsprop_rule(options)});
    }
  return rules;
}

void check_rule(const UpdateRule& rule, std::int64_t size, GuardedEnd end) {
  const UpdateContext context{0.02, 0.37, 3, true};
  UpdateTensors expected{at::randn({size}), testing::guarded_operand(at::randn({size}), end), {}};
  UpdateTensors found{testing::guarded_result({size}, at::kFloat, end), expected.gradient, {}};
  found.weight.copy_(expected.weight);
  UpdateRange range;
  range.weight = mutable_elements<float>(found.weight);
  range.gradient = elements<float>(found.gradient);
  range.size = size;
  for (std::size_t slot = 0; slot < rule.slots().size(); ++slot) {
    // Above the square of a mean, so that no variance is below 0.
    expected.slots.push_back(at::rand({size}) * 0.1 + (slot == 0 ? 1.0 : 0.0));
    found.slots.push_back(testing::guarded_result({size}, at::kFloat, end));
    found.slots.back().copy_(expected.slots.back());
    range.slots[slot] = mutable_elements<float>(found.slots.back());
  }
  rule.update(expected, context);
  rule.update(range, context);
  CHECK(at::allclose(found.weight, expected.weight, 1e-5, 1e-5));
  for (std::size_t slot = 0; slot < expected.slots.size(); ++slot)
    CHECK(at::allclose(found.slots[slot], expected.slots[slot], 1e-5, 1e-5));
}

void check_conversions(std::int64_t size, GuardedEnd end) {
  const at::Tensor wide = testing::guarded_operand(at::randn({size}), end);
  const at::Tensor narrow_values = testing::guarded_operand(wide.to(at::kBFloat16), end);
  const at::Tensor narrowed = testing::guarded_result({size}, at::kBFloat16, end);
  const at::Tensor widened = testing::guarded_result({size}, at::kFloat, end);
  narrow(elements<float>(wide), mutable_elements<Bf16>(narrowed), size);
  widen(elements<Bf16>(narrow_values), mutable_elements<float>(widened), size);
  CHECK(narrowed.equal(narrow_values));
  CHECK(widened.equal(narrow_values.to(at::kFloat)));
  CHECK(sum_of_squares(elements<float>(wide), size) ==
        Approx(wide.to(at::kDouble).square().sum().item<double>()).epsilon(1e-9));
  CHECK(sum_of_squares(elements<Bf16>(narrow_values), size) ==
        Approx(narrow_values.to(at::kDouble).square().sum().item<double>()).epsilon(1e-9));
  const at::Tensor scaled = testing::guarded_result({size}, at::kFloat, end);
  scaled.copy_(wide);
  scale_range(mutable_elements<float>(scaled), 0.5F, size);
  CHECK(scaled.equal(wide * 0.5));
}

TEST_CASE("Fused updates of random sizes equal ATen's and touch nothing beside their ranges") {
  const std::uint64_t seed = testing::first_seed();
  std::mt19937_64 random(seed);
  at::manual_seed(seed);
  const auto rules = all_rules();
  for (std::int64_t round = 0; round < testing::num_rounds(40); ++round) {
    const auto size = std::uniform_int_distribution<std::int64_t>(1, round % 2 == 0 ? 70 : 5000)(random);
    for (const GuardedEnd end : {GuardedEnd::kFirst, GuardedEnd::kLast}) {
      for (const NamedRule& named : rules) {
        INFO("seed " << seed << ", round " << round << ", " << named.name << ", size " << size);
        check_rule(*named.rule, size, end);
      }
      check_conversions(size, end);
    }
  }
}

at::Tensor weights_after_step(const at::Tensor& gradient) {
  ParameterStore store;
  at::manual_seed(4);
  const at::Tensor weight = at::randn({40, 30});
  store.add("layer.weight", weight);
  weight.mutable_grad() = gradient;
  const auto optimizer = make_optimizer({}, store, /*fused=*/true);
  optimizer->step(0.1, 1.0);
  return weight.detach().clone();
}

TEST_CASE("A gradient whose rows do not lie behind each other is kept while the step reads it") {
  at::manual_seed(3);
  const testing::GuardedAllocation guarded(GuardedEnd::kLast);
  const at::Tensor gradient = at::randn({30, 40}).t();
  REQUIRE_FALSE(gradient.is_contiguous());
  CHECK(weights_after_step(gradient).equal(weights_after_step(gradient.contiguous())));
}

}  // namespace
}  // namespace llmtool
