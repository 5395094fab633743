// One AdamW step over all weights of the demo model (23 million): the fused pass beside plain ATen operations.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "llmtool/optim/optimizer.h"

namespace llmtool {
namespace {

void add_parameter(ParameterStore& store, const std::string& name, at::IntArrayRef shape, bool decayed = true) {
  const at::Tensor value = at::randn(shape).mul_(0.02).set_requires_grad(true);
  value.mutable_grad() = at::randn(shape).mul_(0.001);
  store.add(name, value, decayed);
}

// The shapes of all-MiniLM-L6-v2, less positions and biases of embeddings.
ParameterStore make_store() {
  constexpr std::int64_t kHidden = 384;
  constexpr std::int64_t kIntermediate = 4 * kHidden;
  ParameterStore store;
  add_parameter(store, "embeddings.word_embeddings.weight", {30522, kHidden});
  for (int i = 0; i < 6; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i) + ".";
    for (const char* name : {"attention.self.query", "attention.self.key", "attention.self.value"}) {
      add_parameter(store, layer + name + ".weight", {kHidden, kHidden});
      add_parameter(store, layer + name + ".bias", {kHidden}, false);
    }
    add_parameter(store, layer + "attention.output.dense.weight", {kHidden, kHidden});
    add_parameter(store, layer + "intermediate.dense.weight", {kIntermediate, kHidden});
    add_parameter(store, layer + "output.dense.weight", {kHidden, kIntermediate});
    add_parameter(store, layer + "output.LayerNorm.weight", {kHidden}, false);
  }
  return store;
}

void adamw_step(benchmark::State& state, bool fused) {
  ParameterStore store = make_store();
  OptimizerOptions options;
  options.weight_decay = 0.01;
  const auto optimizer = make_optimizer(options, store, fused);
  for (auto _ : state) optimizer->step(1e-4, clipping_factor(store.gradient_norm(), 1.0));
  state.SetItemsProcessed(state.iterations() * store.num_values());
}

BENCHMARK_CAPTURE(adamw_step, kernel, true)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(adamw_step, reference, false)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace llmtool
