#include "llmtool/optim/parameter_store.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

Json golden(const char* name) {
  return read_json_file(testing::fixture(std::string("optim/") + name).string(), ExitCode::kInternal);
}

TEST_CASE("The gradient norm and clipping equal torch") {
  for (const Json& clipping : golden("clipping.json")) {
    ParameterStore store;
    for (const Json& values : clipping.at("gradients")) {
      const at::Tensor gradient = at::tensor(values.get<std::vector<double>>(), at::kFloat);
      store.add("tensor" + std::to_string(store.parameters().size()), at::zeros_like(gradient));
      store.parameters().back().value.mutable_grad() = gradient;
    }
    const double norm = store.gradient_norm();
    CHECK(norm == Approx(clipping.at("norm").get<double>()).epsilon(1e-6));
    const double factor = clipping_factor(norm, clipping.at("max_norm").get<double>());
    for (std::size_t i = 0; i < store.parameters().size(); ++i) {
      const auto clipped = at::tensor(clipping.at("clipped")[i].get<std::vector<double>>(), at::kFloat);
      CHECK(at::allclose(store.parameters()[i].value.grad() * factor, clipped, 1e-6, 1e-7));
    }
  }
}

TEST_CASE("A maximal norm of zero never clips") { CHECK(clipping_factor(1e9, 0.0) == 1.0); }

TEST_CASE("The gradient norm has the same bits for any number of threads") {
  at::manual_seed(1);
  ParameterStore store;
  store.add("weight", at::zeros({1000, 333}));
  store.find("weight")->value.mutable_grad() = at::randn({1000, 333});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const double alone = store.gradient_norm();
  at::set_num_threads(3);
  CHECK(store.gradient_norm() == alone);
  at::set_num_threads(threads);
  CHECK(alone == Approx(store.find("weight")->value.grad().norm().item<double>()).epsilon(1e-5));
}

TEST_CASE("Gradients that are not finite are found by parameter name") {
  ParameterStore store;
  store.add("good.weight", at::zeros({3}));
  store.add("bad.weight", at::zeros({3}));
  CHECK(store.gradient_norm() == 0.0);
  for (const Parameter& parameter : store.parameters()) parameter.value.mutable_grad() = at::ones({3});
  CHECK(store.non_finite_gradients().empty());
  store.find("bad.weight")->value.mutable_grad()[1] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(store.gradient_norm()));
  CHECK(store.non_finite_gradients() == std::vector<std::string>{"bad.weight"});
  store.clear_gradients();
  CHECK_FALSE(store.find("bad.weight")->value.grad().defined());
}

TEST_CASE("Gradients of working copies are summed in fp32 once widened") {
  ParameterStore store;
  store.add("map.weight", at::zeros({1}));
  const at::Tensor copy = at::zeros({1}, at::kBFloat16).set_requires_grad(true);
  store.set_working_copy(store.find("map.weight")->value, copy);
  for (const double value : {1.0, 0.0009765625, 0.0009765625}) {  // 1 + 2^-10 is not a bf16 number
    copy.mutable_grad() = at::full({1}, value, at::kBFloat16);
    store.widen_gradients();
  }
  CHECK(store.find("map.weight")->gradient().item<double>() == 1.001953125);
  CHECK_THROWS_AS(store.set_working_copy(at::zeros({1}), copy), std::out_of_range);
}

TEST_CASE("The gradient norm counts gradients that no kernel takes") {
  ParameterStore store;
  for (const auto& [name, number_type] : {std::pair("half.weight", at::kHalf), std::pair("other.weight", at::kHalf),
                                          std::pair("narrow.weight", at::kBFloat16)}) {
    store.add(name, at::zeros({2}));
    const at::Tensor copy = at::zeros({2}, number_type).set_requires_grad(true);
    store.set_working_copy(store.find(name)->value, copy);
    copy.mutable_grad() = at::tensor({3.0, 4.0}).to(number_type);
  }
  CHECK(store.gradient_norm() == Approx(std::sqrt(75.0)));
}

TEST_CASE("Refreshing brings working copies up to date, and freezing reaches them") {
  ParameterStore store;
  store.add("map.weight", at::zeros({2}));
  const at::Tensor copy = at::zeros({2}, at::kBFloat16).set_requires_grad(true);
  store.set_working_copy(store.find("map.weight")->value, copy);
  store.find("map.weight")->value.detach().fill_(3.0);
  store.refresh_working_copies();
  CHECK(copy.equal(at::full({2}, 3.0, at::kBFloat16)));
  store.set_trainable("map.weight", false);
  CHECK_FALSE(copy.requires_grad());
}

TEST_CASE("A name or tensor is added once and only as an fp32 leaf") {
  ParameterStore store;
  const at::Tensor weight = at::ones({3});
  store.add("weight", weight);
  CHECK_THROWS_AS(store.add("weight", at::ones({3})), std::invalid_argument);
  CHECK_THROWS_AS(store.add("tied", weight), std::invalid_argument);
  CHECK_THROWS_AS(store.add("half", at::ones({3}, at::kHalf)), std::invalid_argument);
  CHECK_THROWS_AS(store.add("strided", at::ones({3, 2}).t()), std::invalid_argument);
}

TEST_CASE("Frozen parameters count among all values and take no gradient") {
  ParameterStore store;
  store.add("a.weight", at::ones({3, 2}));
  store.add("b.weight", at::ones({5}));
  store.set_trainable("b.weight", false);
  CHECK(store.num_values() == 11);
  CHECK_FALSE(store.find("b.weight")->value.requires_grad());
  CHECK_THROWS_AS(store.set_trainable("c.weight", false), std::out_of_range);
}

}  // namespace
}  // namespace llmtool
