#include "llmtool/kernels/vocabulary_loss.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

using namespace llmtool;

namespace {

struct Inputs {
  at::Tensor features;
  at::Tensor weight;
  at::Tensor bias;
  at::Tensor targets;
};

// A vocabulary so large that the rows take several parts.
Inputs make_inputs(bool with_bias) {
  at::manual_seed(5);
  constexpr std::int64_t kRows = 50;
  constexpr std::int64_t kVocabulary = 400'000;
  Inputs inputs{at::randn({kRows, 8}) * 0.3, at::randn({kVocabulary, 8}),
                with_bias ? at::randn({kVocabulary}) : at::Tensor(), at::randint(kVocabulary, {kRows}, at::kLong)};
  for (at::Tensor* tensor : {&inputs.features, &inputs.weight, &inputs.bias})
    if (tensor->defined()) tensor->set_requires_grad(true);
  return inputs;
}

// In double precision: torch's own log_softmax in fp32 is off by 5e-5 over so many columns.
at::Tensor reference_logits(const Inputs& inputs) {
  return at::linear(inputs.features.to(at::kDouble), inputs.weight.to(at::kDouble),
                    inputs.bias.defined() ? inputs.bias.to(at::kDouble) : at::Tensor());
}

void check_close(const at::Tensor& left, const at::Tensor& right, double tolerance = 1e-5) {
  CHECK(at::allclose(left.to(at::kDouble), right.to(at::kDouble), /*rtol=*/1e-5, tolerance));
}

}  // namespace

TEST_CASE("the loss in parts and its gradients equal cross entropy over all logits") {
  const Inputs inputs = make_inputs(GENERATE(true, false));
  std::vector<at::Tensor> leaves{inputs.features, inputs.weight};
  if (inputs.bias.defined()) leaves.push_back(inputs.bias);
  const at::Tensor expected =
      at::cross_entropy_loss(reference_logits(inputs), inputs.targets, {}, at::Reduction::Sum) * 0.25;
  expected.backward();
  std::vector<at::Tensor> expected_gradients;
  for (const at::Tensor& leaf : leaves) {
    expected_gradients.push_back(leaf.grad().clone());
    leaf.mutable_grad().reset();
  }
  const at::Tensor loss = vocabulary_loss(inputs.features, inputs.weight, inputs.bias, inputs.targets) * 0.25;
  check_close(loss, expected);
  loss.backward();
  for (std::size_t i = 0; i < leaves.size(); ++i) check_close(leaves[i].grad(), expected_gradients[i], 1e-4);
}

TEST_CASE("a second backward pass of the loss is refused, not scaled twice") {
  const Inputs inputs = make_inputs(false);
  const at::Tensor loss = vocabulary_loss(inputs.features, inputs.weight, inputs.bias, inputs.targets);
  loss.backward({}, /*retain_graph=*/true);
  CHECK_THROWS_AS(loss.backward(), std::logic_error);
}

TEST_CASE("targets are judged as the whole table of logits judges them") {
  Inputs inputs = make_inputs(true);
  const at::NoGradGuard no_gradients;
  const at::Tensor logits = reference_logits(inputs);
  inputs.targets.narrow(0, 0, 20).copy_(logits.argmax(1).narrow(0, 0, 20));
  const VocabularyJudgement judgement = judge_targets(inputs.features, inputs.weight, inputs.bias, inputs.targets);
  check_close(judgement.negative_log_likelihood,
              at::cross_entropy_loss(logits, inputs.targets, {}, at::Reduction::None));
  CHECK(judgement.is_top.equal(logits.argmax(1).eq(inputs.targets)));
  CHECK(judgement.is_top.sum().item<std::int64_t>() == 20);
}

TEST_CASE("of equally likely targets the lowest id is the likeliest") {
  const at::Tensor weight = at::ones({5, 1});
  const at::Tensor targets = at::tensor({0, 1, 4}, at::kLong);
  const VocabularyJudgement judgement = judge_targets(at::ones({3, 1}), weight, {}, targets);
  CHECK(judgement.is_top.to(at::kLong).equal(at::tensor({1, 0, 0}, at::kLong)));
}

TEST_CASE("no rows are no loss") {
  const at::Tensor weight = at::randn({10, 4}).set_requires_grad(true);
  const at::Tensor loss =
      vocabulary_loss(at::empty({0, 4}).set_requires_grad(true), weight, {}, at::empty({0}, at::kLong));
  CHECK(loss.item<double>() == 0.0);
  loss.backward();
  CHECK(weight.grad().abs().max().item<double>() == 0.0);
}
