#include "llmtool/optim/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "../support/weights_hash.h"
#include "golden_options.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

const std::vector<std::pair<std::string, std::vector<std::int64_t>>> kShapes{{"layer.weight", {3, 4}},
                                                                             {"layer.bias", {5}}};

at::Tensor tensor_of(const Json& values, at::IntArrayRef shape) {
  return at::tensor(values.get<std::vector<double>>(), at::kFloat).reshape(shape).contiguous();
}

// A store with the weights of a golden case.
ParameterStore golden_store(const Json& weights) {
  ParameterStore store;
  for (const auto& [name, shape] : kShapes) store.add(name, tensor_of(weights.at(name), shape), name != "layer.bias");
  return store;
}

void set_gradients(ParameterStore& store, const Json& gradients) {
  for (const auto& [name, shape] : kShapes)
    store.find(name)->value.mutable_grad() = tensor_of(gradients.at(name), shape);
}

double distance(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

double distance_from_golden(const ParameterStore& store, const Json& weights) {
  double largest = 0.0;
  for (const auto& [name, shape] : kShapes)
    largest = std::max(largest, distance(store.find(name)->value.detach(), tensor_of(weights.at(name), shape)));
  return largest;
}

Json golden_cases() { return read_json_file(testing::fixture("optim/optimizers.json").string(), ExitCode::kInternal); }

// Random weights and gradients of sizes that do not divide evenly into pieces.
ParameterStore large_store() {
  at::manual_seed(3);
  ParameterStore store;
  store.add("large.weight", at::randn({257, 301}));
  store.add("large.bias", at::randn({70001}), false);
  store.add("scalar", at::randn({}));
  return store;
}

void draw_gradients(ParameterStore& store) {
  for (const Parameter& parameter : store.parameters())
    parameter.value.mutable_grad() = at::randn_like(parameter.value.detach());
}

TEST_CASE("Every known optimizer name has a factory") {
  for (const auto& [kind, name] : EnumNames<OptimizerKind>::kNames) {
    OptimizerOptions options;
    options.name = kind;
    ParameterStore store;
    CHECK(make_optimizer(options, store) != nullptr);
  }
}

TEST_CASE("Twenty steps of every optimizer equal torch.optim") {
  for (const bool fused : {true, false}) {
    for (const Json& golden : golden_cases()) {
      const OptimizerOptions options = testing::optimizer_options(golden.at("options"));
      INFO(golden.at("options").dump() << " fused " << fused);
      ParameterStore store = golden_store(golden.at("initial"));
      const auto optimizer = make_optimizer(options, store, fused);
      for (const Json& step : golden.at("steps")) {
        set_gradients(store, step.at("gradients"));
        optimizer->step(options.learning_rate);
        REQUIRE(distance_from_golden(store, step.at("weights")) <= 1e-6);
      }
    }
  }
}

TEST_CASE("The fused update equals the plain one on large tensors") {
  for (const Json& golden : golden_cases()) {
    const OptimizerOptions options = testing::optimizer_options(golden.at("options"));
    INFO(golden.at("options").dump());
    ParameterStore fused_store = large_store();
    ParameterStore plain_store = large_store();
    const auto fused = make_optimizer(options, fused_store);
    const auto plain = make_optimizer(options, plain_store, /*fused=*/false);
    for (int step = 0; step < 3; ++step) {
      draw_gradients(fused_store);
      for (const Parameter& parameter : plain_store.parameters())
        parameter.value.mutable_grad() = fused_store.find(parameter.name)->value.grad().clone();
      fused->step(1e-3, 0.37);
      plain->step(1e-3, 0.37);
    }
    for (const Parameter& parameter : plain_store.parameters())
      CHECK(at::allclose(parameter.value, fused_store.find(parameter.name)->value, 1e-6, 1e-6));
  }
}

TEST_CASE("The fused update gives the same bits for any number of threads") {
  std::vector<std::string> hashes;
  const int threads = at::get_num_threads();
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    ParameterStore store = large_store();
    const auto optimizer = make_optimizer({}, store);
    draw_gradients(store);
    optimizer->step(1e-3, 0.5);
    hashes.push_back(testing::weights_hash(store));
  }
  at::set_num_threads(threads);
  CHECK(hashes[0] == hashes[1]);
  CHECK(hashes[0] == hashes[2]);
}

// A table and what its gradient is in a step: some rows, one of them twice.
struct SparseCase {
  ParameterStore sparse, dense;

  SparseCase() {
    at::manual_seed(3);
    const at::Tensor table = at::randn({100, 48});
    sparse.add("table.weight", table.clone());
    dense.add("table.weight", table.clone());
  }
  void draw_gradients() {
    const at::Tensor rows = at::randint(100, {1, 9}, at::kLong);
    rows[0][8] = rows[0][0];
    const at::Tensor gradient = at::sparse_coo_tensor(rows, at::randn({9, 48}), {100, 48});
    dense.find("table.weight")->value.mutable_grad() = gradient.to_dense();
    sparse.find("table.weight")->value.mutable_grad() = gradient;
    sparse.coalesce_gradients();
  }
};

TEST_CASE("A sparse gradient updates to the same bits as the dense one, across a saved state") {
  for (const Json& golden : golden_cases()) {
    const OptimizerOptions options = testing::optimizer_options(golden.at("options"));
    INFO(golden.at("options").dump());
    SparseCase tables;
    auto sparse = make_optimizer(options, tables.sparse);
    const auto dense = make_optimizer(options, tables.dense);
    for (int step = 0; step < 6; ++step) {
      if (step == 3) {
        const auto state = sparse->state();
        std::vector<NamedTensorValue> copies;
        for (const auto& [name, value] : state) copies.push_back({name, value.clone()});
        sparse = make_optimizer(options, tables.sparse);
        sparse->load_state(copies);
      }
      tables.draw_gradients();
      CHECK(tables.sparse.gradient_norm() == Approx(tables.dense.gradient_norm()));
      sparse->step(0.01, 0.5);
      dense->step(0.01, 0.5);
      REQUIRE(tables.sparse.find("table.weight")->value.equal(tables.dense.find("table.weight")->value));
    }
    const auto plain = make_optimizer(options, tables.sparse, /*fused=*/false);
    CHECK_NOTHROW(plain->step(0.01));
  }
}

TEST_CASE("A bf16 gradient updates the fp32 master, and its working copy follows") {
  for (const bool fused : {true, false}) {
    at::manual_seed(4);
    const at::Tensor start = at::randn({70, 90});
    const at::Tensor gradient = at::randn({70, 90}).to(at::kBFloat16);
    ParameterStore store, reference;
    store.add("map.weight", start.clone());
    reference.add("map.weight", start.clone());
    const at::Tensor copy = start.to(at::kBFloat16).set_requires_grad(true);
    store.set_working_copy(store.find("map.weight")->value, copy);
    copy.mutable_grad() = gradient;
    reference.find("map.weight")->value.mutable_grad() = gradient.to(at::kFloat);
    CHECK(store.gradient_norm() == reference.gradient_norm());
    make_optimizer({}, store, fused)->step(0.1);
    make_optimizer({}, reference, fused)->step(0.1);
    CHECK(testing::weights_hash(store) == testing::weights_hash(reference));
    CHECK(copy.equal(reference.find("map.weight")->value.to(at::kBFloat16)));
    store.clear_gradients();
    CHECK_FALSE(copy.grad().defined());
  }
}

TEST_CASE("A gradient scale multiplies the gradient before the penalties are added") {
  OptimizerOptions options;
  options.name = OptimizerKind::kSgd;
  options.l2_penalty = 0.5;
  options.l1_penalty = 0.25;
  for (const bool fused : {true, false}) {
    ParameterStore store;
    store.add("layer.weight", at::full({2}, 4.0));
    store.add("layer.bias", at::full({2}, 4.0), false);
    for (const Parameter& parameter : store.parameters()) parameter.value.mutable_grad() = at::full({2}, 8.0);
    make_optimizer(options, store, fused)->step(1.0, 0.125);
    CHECK(store.find("layer.weight")->value[0].item<double>() == Approx(4.0 - (1.0 + 2.0 + 0.25)));
    CHECK(store.find("layer.bias")->value[0].item<double>() == Approx(4.0 - 1.0));
  }
}

TEST_CASE("Parameters without gradient and frozen ones keep their values and have no state") {
  ParameterStore store;
  store.add("trained.weight", at::ones({3}));
  store.add("unused.weight", at::ones({3}));
  store.add("frozen.weight", at::ones({3}));
  store.set_trainable("frozen.weight", false);
  store.find("trained.weight")->value.mutable_grad() = at::ones({3});
  OptimizerOptions options;
  options.weight_decay = 0.1;
  const auto optimizer = make_optimizer(options, store);
  optimizer->step(0.1);
  CHECK(store.find("trained.weight")->value[0].item<double>() < 1.0);
  CHECK(at::equal(store.find("unused.weight")->value, at::ones({3})));
  CHECK(at::equal(store.find("frozen.weight")->value, at::ones({3})));
  for (const auto& [name, value] : optimizer->state()) CHECK(name.rfind("trained.weight.", 0) == 0);
}

TEST_CASE("An optimizer continued from its saved state gives the same bits") {
  for (const Json& golden : golden_cases()) {
    const OptimizerOptions options = testing::optimizer_options(golden.at("options"));
    INFO(golden.at("options").dump());
    const Json& steps = golden.at("steps");
    ParameterStore store = golden_store(golden.at("initial"));
    auto optimizer = make_optimizer(options, store);
    ParameterStore straight = golden_store(golden.at("initial"));
    const auto straight_optimizer = make_optimizer(options, straight);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (i == 7) {
        const auto state = optimizer->state();
        optimizer = make_optimizer(options, store);
        optimizer->load_state(state);
      }
      set_gradients(store, steps[i].at("gradients"));
      set_gradients(straight, steps[i].at("gradients"));
      optimizer->step(options.learning_rate);
      straight_optimizer->step(options.learning_rate);
    }
    CHECK(testing::weights_hash(store) == testing::weights_hash(straight));
  }
}

TEST_CASE("State that does not belong to the optimizer is refused") {
  ParameterStore store;
  store.add("layer.weight", at::ones({3}));
  const auto optimizer = make_optimizer({}, store);
  CHECK_THROWS_AS(optimizer->load_state({{"layer.weight.momentum_buffer", at::ones({3})}}), ModelError);
  CHECK_THROWS_AS(optimizer->load_state({{"other.weight.exp_avg", at::ones({3})}}), ModelError);
  CHECK_THROWS_AS(optimizer->load_state({{"layer.weight.exp_avg", at::ones({4})}}), ModelError);
  CHECK_THROWS_AS(optimizer->load_state({{"nonsense", at::ones({3})}}), ModelError);
}

}  // namespace
}  // namespace llmtool
