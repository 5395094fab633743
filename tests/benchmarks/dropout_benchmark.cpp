// Dropout of hidden states, forward and backward: the pass that stores no mask beside at::dropout.
// Arguments: tokens, hidden size.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "llmtool/kernels/elementwise.h"

namespace llmtool {
namespace {

at::Tensor aten_dropout(const at::Tensor& input, double rate) { return at::dropout(input, rate, /*train=*/true); }

void dropout_with_gradients(benchmark::State& state, at::Tensor (*drop)(const at::Tensor&, double)) {
  const at::Tensor input = at::randn({state.range(0), state.range(1)}).set_requires_grad(true);
  const at::Tensor gradient = at::randn_like(input);
  for (auto _ : state) benchmark::DoNotOptimize(torch::autograd::grad({drop(input, 0.1)}, {input}, {gradient}));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.nbytes()));
}

BENCHMARK_CAPTURE(dropout_with_gradients, kernel, dropout)->Args({512, 384})->Args({2048, 768})->UseRealTime();
BENCHMARK_CAPTURE(dropout_with_gradients, reference, aten_dropout)->Args({512, 384})->Args({2048, 768})->UseRealTime();

}  // namespace
}  // namespace llmtool
