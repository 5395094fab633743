// Cross entropy over a vocabulary with gradients: the loss that keeps no logits beside that over all of them.
// Arguments: predicted tokens, hidden size, vocabulary.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "llmtool/kernels/vocabulary_loss.h"

namespace llmtool {
namespace {

at::Tensor loss_over_all_logits(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                                const at::Tensor& targets) {
  return at::cross_entropy_loss(at::linear(features, weight, bias), targets, {}, at::Reduction::Sum);
}

using Loss = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&);

void loss_with_gradients(benchmark::State& state, Loss loss) {
  const at::Tensor features = at::randn({state.range(0), state.range(1)}).set_requires_grad(true);
  const at::Tensor weight = at::randn({state.range(2), state.range(1)}).mul_(0.02).set_requires_grad(true);
  const at::Tensor bias = at::zeros({state.range(2)}).set_requires_grad(true);
  const at::Tensor targets = at::randint(state.range(2), {state.range(0)}, at::kLong);
  for (auto _ : state)
    benchmark::DoNotOptimize(torch::autograd::grad({loss(features, weight, bias, targets)}, {features, weight, bias}));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_CAPTURE(loss_with_gradients, kernel, vocabulary_loss)
    ->Args({300, 768, 30522})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(loss_with_gradients, reference, loss_over_all_logits)
    ->Args({300, 768, 30522})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace llmtool
