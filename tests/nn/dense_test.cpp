#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/nn/layers.h"

namespace llmtool {
namespace {

// Made by scripts/reference/sentence_transformers_goldens.py.
TEST_CASE("Activations are those of torch.nn") {
  const Json golden =
      read_json_file(testing::fixture("inference/torch_activations.json").string(), ExitCode::kInternal);
  const auto inputs = golden.at("inputs").get<std::vector<float>>();
  const at::Tensor rows = at::tensor(inputs).unsqueeze(0);
  CHECK(golden.at("outputs").size() == torch_activation_names().size());
  for (const auto& [name, expected] : golden.at("outputs").items()) {
    CAPTURE(name);
    const TorchActivation* activation = find_torch_activation(name);
    REQUIRE(activation != nullptr);
    const at::Tensor found = activation->compute(rows);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      CHECK(found[0][static_cast<std::int64_t>(i)].item<double>() == Approx(expected[i].get<double>()).margin(1e-6));
  }
  CHECK(find_torch_activation("PReLU") == nullptr);
}

TEST_CASE("A residual Dense adds its input, through a map of its own where the sizes differ") {
  for (const std::int64_t size : {2, 3}) {
    Dense dense({2, size, /*has_bias=*/false, find_torch_activation("Identity"), /*is_residual=*/true}, at::kCPU);
    const at::NoGradGuard no_gradients;
    dense.linear->weight.fill_(1.0);
    CHECK((dense.residual != nullptr) == (size == 3));
    if (dense.residual) dense.residual->weight.fill_(0.5);
    const at::Tensor output = dense.forward(at::tensor({1.0F, 2.0F}).unsqueeze(0));
    CHECK(output[0][0].item<double>() == Approx(3.0 + (size == 2 ? 1.0 : 1.5)));
  }
}

}  // namespace
}  // namespace llmtool
