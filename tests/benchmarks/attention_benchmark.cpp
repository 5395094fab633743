// Attention over packed sequences: the CPU kernel beside the padded ATen path, forward alone and with gradients.
// Arguments: sequences, tokens of each, heads, head size; with dropout when gradients are made, as in training.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

#include "llmtool/nn/attention.h"

namespace llmtool {
namespace {

// Lengths differ, as those of texts grouped by length do: from 7/8 of `length` up to it.
SequenceLayout make_layout(std::int64_t sequences, std::int64_t length) {
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = 0; i < sequences; ++i) lengths.push_back(length - i * (length / 8) / sequences);
  return SequenceLayout(lengths);
}

struct Inputs {
  Inputs(const benchmark::State& state, bool use_kernel)
      : layout(make_layout(state.range(0), state.range(1))),
        options{.num_heads = state.range(2), .use_kernel = use_kernel} {
    for (at::Tensor* tensor : {&queries, &keys, &values, &context_gradient})
      *tensor = at::randn({layout.num_tokens(), state.range(2) * state.range(3)});
  }
  at::Tensor attend() const { return attention({queries, keys, values}, layout, layout, options).context; }

  SequenceLayout layout;
  AttentionOptions options;
  at::Tensor queries, keys, values, context_gradient;  // [tokens, heads * head size]
};

void attention_forward(benchmark::State& state, bool use_kernel) {
  const at::NoGradGuard no_gradients;
  const Inputs inputs(state, use_kernel);
  for (auto _ : state) benchmark::DoNotOptimize(inputs.attend());
  state.SetItemsProcessed(state.iterations() * inputs.layout.num_tokens());
}

void attention_with_gradients(benchmark::State& state, bool use_kernel) {
  Inputs inputs(state, use_kernel);
  inputs.options.dropout = 0.1;
  for (at::Tensor* tensor : {&inputs.queries, &inputs.keys, &inputs.values}) tensor->set_requires_grad(true);
  for (auto _ : state)
    benchmark::DoNotOptimize(torch::autograd::grad({inputs.attend()}, {inputs.queries, inputs.keys, inputs.values},
                                                   {inputs.context_gradient}));
  state.SetItemsProcessed(state.iterations() * inputs.layout.num_tokens());
}

// The demo model on short texts and on long ones, BERT-base on blocks of 128 tokens.
void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({32, 16, 12, 32})
      ->Args({32, 128, 12, 32})
      ->Args({16, 128, 12, 64})
      ->Args({8, 256, 12, 64})
      ->Args({4, 512, 12, 64})
      ->Args({2, 1024, 12, 64})
      ->Args({1, 2048, 12, 64})  // without dropout LibTorch's own
      ->UseRealTime();
}

BENCHMARK_CAPTURE(attention_forward, kernel, true)->Apply(shapes);
BENCHMARK_CAPTURE(attention_forward, reference, false)->Apply(shapes);
BENCHMARK_CAPTURE(attention_with_gradients, kernel, true)->Apply(shapes);
BENCHMARK_CAPTURE(attention_with_gradients, reference, false)->Apply(shapes);

}  // namespace
}  // namespace llmtool
