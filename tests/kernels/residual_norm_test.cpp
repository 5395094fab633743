#include "llmtool/kernels/residual_norm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "llmtool/kernels/elementwise.h"

namespace llmtool {
namespace {

struct Leaves {
  at::Tensor update, residual, weight, bias;

  explicit Leaves(at::ScalarType type) {
    at::manual_seed(1);
    const auto leaf = [](const at::Tensor& values) { return values.set_requires_grad(true); };
    update = leaf(at::randn({100, 64}).to(type));
    residual = leaf(at::randn({100, 64}).to(type));
    weight = leaf(at::randn({64}));
    bias = leaf(at::randn({64}));
  }
  std::vector<at::Tensor> all() const { return {update, residual, weight, bias}; }
};

std::vector<at::Tensor> output_and_gradients(const Leaves& leaves, double dropout) {
  at::manual_seed(5);
  const at::Tensor output = residual_norm(leaves.update, leaves.residual, {leaves.weight, leaves.bias, 1e-5}, dropout);
  std::vector<at::Tensor> results = {output.detach()};
  const at::Tensor factor = at::linspace(-1.0, 1.0, output.numel()).view(output.sizes()).to(output.scalar_type());
  for (const at::Tensor& gradient : torch::autograd::grad({(output * factor).sum()}, leaves.all()))
    results.push_back(gradient);
  return results;
}

TEST_CASE("The fused residual norm equals its parts") {
  const Leaves leaves(at::kFloat);
  const auto fused = output_and_gradients(leaves, 0.0);
  const at::Tensor output = at::layer_norm(leaves.update + leaves.residual, {64}, leaves.weight, leaves.bias, 1e-5);
  CHECK(at::allclose(fused[0], output, 1e-5, 1e-5));
  const at::Tensor factor = at::linspace(-1.0, 1.0, output.numel()).view(output.sizes());
  const auto gradients = torch::autograd::grad({(output * factor).sum()}, leaves.all());
  for (std::size_t i = 0; i < gradients.size(); ++i) CHECK(at::allclose(fused[i + 1], gradients[i], 1e-4, 1e-5));
}

TEST_CASE("The residual norm has the same bits for any number of threads, and its mask follows the seed") {
  const int threads = at::get_num_threads();
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const Leaves leaves(type);
    at::set_num_threads(1);
    const auto alone = output_and_gradients(leaves, 0.3);
    at::set_num_threads(2);
    const auto together = output_and_gradients(leaves, 0.3);
    for (std::size_t i = 0; i < alone.size(); ++i) CHECK(alone[i].equal(together[i]));
    // What is dropped of the update has no gradient; the residual is never dropped.
    const double kept = alone[1].ne(0).to(at::kDouble).mean().item<double>();
    CHECK(kept == Approx(0.7).margin(0.03));
    CHECK(alone[2].ne(0).to(at::kDouble).mean().item<double>() > 0.95);
  }
  at::set_num_threads(threads);
}

TEST_CASE("The fused GELU equals ATen's, with gradients") {
  at::manual_seed(2);
  const at::Tensor input = at::randn({130, 70}).set_requires_grad(true);
  const at::Tensor own = llmtool::gelu(input);
  const at::Tensor plain = at::gelu(input);
  CHECK(at::allclose(own, plain, 1e-6, 1e-6));
  const at::Tensor factor = at::randn({130, 70});
  const auto gradient = torch::autograd::grad({(own * factor).sum()}, {input})[0];
  CHECK(at::allclose(gradient, torch::autograd::grad({(plain * factor).sum()}, {input})[0], 1e-5, 1e-6));
}

}  // namespace
}  // namespace llmtool
