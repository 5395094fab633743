#include "llmtool/kernels/linear.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <vector>

namespace llmtool {
namespace {

struct Computed {
  at::Tensor output;
  std::vector<at::Tensor> gradients;  // of input, weight and, where there is one, bias
};

template <class Function>
Computed compute(const Function& function, std::vector<at::Tensor> leaves) {
  for (at::Tensor& leaf : leaves)
    if (leaf.defined()) leaf = leaf.clone().set_requires_grad(true);
  Computed computed;
  computed.output = function(leaves[0], leaves[1], leaves[2]);
  at::manual_seed(9);
  computed.output.backward(at::randn(computed.output.sizes()).to(computed.output.scalar_type()));
  for (const at::Tensor& leaf : leaves)
    if (leaf.defined()) computed.gradients.push_back(leaf.grad());
  return computed;
}

void check_equals_plain(const std::vector<at::Tensor>& leaves, double tolerance) {
  const Computed own = compute(llmtool::linear, leaves);
  const Computed plain = compute(plain_linear, leaves);
  CHECK(own.output.scalar_type() == leaves[1].scalar_type());
  CHECK(at::allclose(own.output, plain.output, tolerance, tolerance));
  REQUIRE(own.gradients.size() == plain.gradients.size());
  for (std::size_t i = 0; i < own.gradients.size(); ++i) {
    CHECK(own.gradients[i].scalar_type() == plain.gradients[i].scalar_type());
    CHECK(at::allclose(own.gradients[i], plain.gradients[i], tolerance, tolerance));
  }
}

TEST_CASE("A linear map and its gradients equal at::linear's") {
  at::manual_seed(1);
  const at::Tensor input = at::randn({37, 48});
  const at::Tensor weight = at::randn({80, 48}) / 7;
  const at::Tensor bias = at::randn({80});
  check_equals_plain({input, weight, bias}, 1e-5);
  check_equals_plain({input, weight, at::Tensor()}, 1e-5);
  check_equals_plain({input.narrow(0, 0, 1), weight, bias}, 1e-5);
}

TEST_CASE("A bf16 weight decides the type and leaves the gradients of fp32 operands fp32") {
  at::manual_seed(2);
  const at::Tensor weight = (at::randn({80, 48}) / 7).to(at::kBFloat16);
  check_equals_plain({at::randn({37, 48}), weight, at::randn({80})}, 0.06);
  const Computed own = compute(llmtool::linear, {at::randn({37, 48}), weight, at::randn({80})});
  CHECK(own.gradients[0].scalar_type() == at::kFloat);
  CHECK(own.gradients[1].scalar_type() == at::kBFloat16);
  CHECK(own.gradients[2].scalar_type() == at::kFloat);
}

TEST_CASE("Other types take the plain path") {
  const at::Tensor output = llmtool::linear(at::ones({2, 3}, at::kDouble), at::ones({4, 3}, at::kDouble), at::Tensor());
  CHECK(output.equal(at::full({2, 4}, 3.0, at::kDouble)));
}

}  // namespace
}  // namespace llmtool
