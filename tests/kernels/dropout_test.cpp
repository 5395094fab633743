#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <catch2/catch.hpp>

#include "llmtool/kernels/dropout_mask.h"
#include "llmtool/kernels/elementwise.h"

namespace llmtool {
namespace {

at::Tensor seeded_dropout(const at::Tensor& input, std::uint64_t seed, double rate) {
  at::manual_seed(seed);
  return dropout(input, rate);
}

TEST_CASE("Dropout drops the share asked for and scales what it keeps") {
  const at::Tensor output = seeded_dropout(at::ones({1000, 384}), 1, 0.1);
  const double kept = output.gt(0).to(at::kDouble).mean().item<double>();
  CHECK(kept == Approx(0.9).margin(0.002));
  CHECK(output.max().item<double>() == Approx(1.0 / 0.9));
  CHECK(output.mean().item<double>() == Approx(1.0).margin(0.003));
}

TEST_CASE("Dropout is spread evenly over rows and columns") {
  const at::Tensor dropped = seeded_dropout(at::ones({2000, 256}), 2, 0.5).eq(0).to(at::kDouble);
  CHECK(dropped.mean(0).sub(0.5).abs().max().item<double>() < 0.06);
  CHECK(dropped.mean(1).sub(0.5).abs().max().item<double>() < 0.16);
  // Neighbours are independent.
  CHECK((dropped.narrow(1, 1, 255) * dropped.narrow(1, 0, 255)).mean().item<double>() == Approx(0.25).margin(0.005));
}

TEST_CASE("Dropout follows the seed and not the number of threads") {
  const at::Tensor input = at::randn({700, 128});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor alone = seeded_dropout(input, 3, 0.2);
  at::set_num_threads(2);
  CHECK(alone.equal(seeded_dropout(input, 3, 0.2)));
  at::set_num_threads(threads);
  CHECK_FALSE(alone.equal(seeded_dropout(input, 4, 0.2)));
  at::manual_seed(3);
  dropout(input, 0.2);
  CHECK_FALSE(alone.equal(dropout(input, 0.2)));
}

TEST_CASE("The gradient of dropout passes where the value passed") {
  const at::Tensor input = at::ones({50, 64}).set_requires_grad(true);
  const at::Tensor output = seeded_dropout(input, 5, 0.3);
  const auto gradient = torch::autograd::grad({(output * 2.0).sum()}, {input});
  CHECK(gradient[0].equal(output.detach() * 2.0));
}

TEST_CASE("Dropout of rate zero is the input itself and other types take the plain path") {
  const at::Tensor input = at::ones({10, 10});
  CHECK(dropout(input, 0.0).is_same(input));
  const at::Tensor output = seeded_dropout(input.to(at::kDouble), 1, 0.5);
  CHECK(output.scalar_type() == at::kDouble);
  CHECK(output.max().item<double>() == 2.0);
}

}  // namespace
}  // namespace llmtool
