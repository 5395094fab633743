// LayerNorm of hidden states, forward alone and with the gradients of input, weight and bias.
// Arguments: tokens, hidden size.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "llmtool/nn/layers.h"

namespace llmtool {
namespace {

LayerNorm make_layer_norm(std::int64_t size) {
  LayerNorm layer_norm(size, 1e-12, at::kCPU);
  const at::NoGradGuard no_gradients;
  layer_norm.weight.fill_(1.0);
  layer_norm.bias.zero_();
  return layer_norm;
}

void layer_norm_forward(benchmark::State& state) {
  const at::NoGradGuard no_gradients;
  const LayerNorm layer_norm = make_layer_norm(state.range(1));
  const at::Tensor input = at::randn({state.range(0), state.range(1)});
  for (auto _ : state) benchmark::DoNotOptimize(layer_norm.forward(input));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.nbytes()));
}

void layer_norm_with_gradients(benchmark::State& state) {
  const LayerNorm layer_norm = make_layer_norm(state.range(1));
  const at::Tensor input = at::randn({state.range(0), state.range(1)}).set_requires_grad(true);
  const at::Tensor gradient = at::randn_like(input);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        torch::autograd::grad({layer_norm.forward(input)}, {input, layer_norm.weight, layer_norm.bias}, {gradient}));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.nbytes()));
}

BENCHMARK(layer_norm_forward)->Args({512, 384})->Args({2048, 768})->UseRealTime();
BENCHMARK(layer_norm_with_gradients)->Args({512, 384})->Args({2048, 768})->UseRealTime();

}  // namespace
}  // namespace llmtool
