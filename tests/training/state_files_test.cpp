#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/training/checkpoint.h"
#include "llmtool/training/trainer_state.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("Tensors come back from a file bit for bit") {
  const TemporaryDirectory directory;
  const std::vector<NamedTensorValue> saved{{"a", at::randn({3, 4})},
                                            {"b.step", at::scalar_tensor(7, at::kLong)},
                                            {"c", at::arange(5, at::kByte)},
                                            {"empty", at::zeros({0, 2})}};
  save_tensors(directory / "state.safetensors", saved);
  const auto loaded = load_tensors(directory / "state.safetensors");
  REQUIRE(loaded.size() == saved.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    CHECK(loaded[i].name == saved[i].name);
    CHECK(at::equal(loaded[i].value, saved[i].value));
  }
}

TEST_CASE("Restored generators draw what they drew before") {
  const ParameterStore parameters;
  at::manual_seed(5);
  at::randn({3});  // leaves a second normal number in the generator's cache
  const auto state = capture_random_state(parameters);
  const at::Tensor drawn = at::randn({5});
  at::manual_seed(6);
  restore_random_state(state, parameters);
  CHECK(at::equal(at::randn({5}), drawn));
  CHECK_THROWS_AS(restore_random_state({}, parameters), ModelError);
}

TEST_CASE("The state of a run survives a round trip and foreign files are refused") {
  TrainerState state;
  state.step = 7;
  state.total_steps = 9;
  state.best_metric = 1.0 / 3.0;
  state.loss_sum = 0.1 + 0.2;
  state.window_terms["loss"] = 1e-300;
  state.plan = {{"seed", 42}};
  const Json json = state.to_json();
  const Json again = parse_json(to_json_text(json), "state", ExitCode::kInternal);
  CHECK(TrainerState::from_json(again, "state").to_json() == json);
  CHECK_THROWS_AS(TrainerState::from_json(Json::object(), "state"), ModelError);
  CHECK_THROWS_AS(TrainerState::from_json({{"format", 2}}, "state"), ModelError);
}

}  // namespace
}  // namespace llmtool
