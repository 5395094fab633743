#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>

#include <catch2/catch.hpp>

#include "llmtool/nn/embeddings.h"

namespace llmtool {
namespace {

constexpr std::int64_t kHeadSize = 6;
constexpr std::int64_t kRowSize = 4 * kHeadSize;

const SequenceLayout& some_layout() {
  static const SequenceLayout layout({7, 1, 19});
  return layout;
}

// Turned rows and the gradient of what they were.
std::vector<at::Tensor> turn_rows(bool use_kernel, at::ScalarType number_type) {
  at::manual_seed(11);
  const at::Tensor rows = at::randn({some_layout().num_tokens(), 3 * kRowSize}).to(number_type).set_requires_grad(true);
  const RotaryPositions positions(some_layout(), kHeadSize, 10000.0);
  const at::Tensor turned = positions.rotate_queries_and_keys(rows, use_kernel);
  const at::Tensor counts = at::arange(turned.numel(), at::kFloat).sin().view_as(turned).to(number_type);
  return {turned, torch::autograd::grad({(turned * counts).sum()}, {rows})[0]};
}

TEST_CASE("Turned rows and their gradients are the same by the kernel and by ATen") {
  for (const at::ScalarType number_type : {at::kFloat, at::kBFloat16}) {
    const auto found = turn_rows(true, number_type);
    const auto expected = turn_rows(false, number_type);
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(number_type, i);
      CHECK(found[i].scalar_type() == number_type);
      const double difference = (found[i] - expected[i]).abs().max().item<double>();
      CHECK(difference <= (number_type == at::kFloat ? 1e-6 : 0.04));
    }
  }
}

TEST_CASE("Products of turned queries and keys depend on their distance alone") {
  const SequenceLayout layout({12});
  const RotaryPositions positions(layout, kHeadSize, 100.0);
  at::manual_seed(12);
  const at::Tensor row = at::randn({1, 3 * kHeadSize}).expand({12, -1});
  const std::vector<at::Tensor> parts = positions.rotate_queries_and_keys(row, true).chunk(3, 1);
  const auto product = [&](std::int64_t query, std::int64_t key) {
    return parts[0][query].dot(parts[1][key]).item<double>();
  };
  CHECK(product(3, 1) == Approx(product(11, 9)).margin(1e-5));
  CHECK(product(0, 5) == Approx(product(6, 11)).margin(1e-5));
  CHECK(parts[2].equal(row.narrow(1, 2 * kHeadSize, kHeadSize)));
}

}  // namespace
}  // namespace llmtool
