#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "golden_model.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// all-MiniLM-L6-v2; empty when it is not on this machine.
fs::path demo_model() {
  const char* variable = std::getenv("LLMTOOL_DEMO_MODEL");
  const fs::path directory =
      variable != nullptr ? fs::path(variable) : fs::path(LLMTOOL_SOURCE_DIR) / "models/all-MiniLM-L6-v2";
  return fs::exists(directory / "config.json") ? directory : fs::path();
}

// As fixed_head in scripts/reference/models_goldens.py.
void fix_head(const Model& model) {
  const at::NoGradGuard no_grad;
  const at::Tensor weight = testing::weight(model, "classifier.weight");
  const at::Tensor index = at::arange(weight.numel(), at::kDouble);
  weight.copy_((index * 0.37).sin().mul(0.1).view_as(weight));
}

TEST_CASE("The demo model computes what Hugging Face computes") {
  const fs::path directory = demo_model();
  if (directory.empty()) {
    WARN("SKIPPED: no demo model; set LLMTOOL_DEMO_MODEL to the folder of all-MiniLM-L6-v2");
    return;
  }
  const testing::GoldenModel golden = testing::read_golden("demo");
  const LoadedModel loaded = testing::load(directory, 3);
  fix_head(*loaded.model);
  const at::Tensor logits = classification_logits(*loaded.model, golden.input);
  CHECK(testing::largest_difference(testing::last_hidden_states(*loaded.model, golden.input),
                                    golden.expected.at("last_hidden_state")) < 1e-4);
  CHECK(testing::largest_difference(loaded.model->forward(golden.input).pooled, golden.expected.at("pooled")) < 1e-4);
  CHECK(testing::largest_difference(logits, golden.expected.at("logits")) < 1e-4);
}

}  // namespace
}  // namespace llmtool
