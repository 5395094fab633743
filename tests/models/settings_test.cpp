#include <ATen/Functions.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_model.h"
#include "llmtool/models/families.h"
#include "llmtool/models/language_model_heads.h"
#include "llmtool/models/model_directory.h"

// Made by scripts/reference/model_folder_goldens.py: what becomes of a folder's scores in transformers when one key of
// its config.json says something else.
namespace llmtool {
namespace {

constexpr double kScoreTolerance = 2e-5;

std::vector<double> last_scores(const std::filesystem::path& folder, const std::vector<std::int64_t>& ids) {
  const ModelInput input{at::tensor(ids, at::kLong), at::Tensor(),
                         SequenceLayout({static_cast<std::int64_t>(ids.size())})};
  const HeadKind head = stored_head_kind(read_model_config(folder), "config.json");
  at::Tensor logits;
  if (head == HeadKind::kSequenceClassification) {
    logits = classification_logits(*testing::load(folder).model, input);
  } else {
    LoadRequest request{.head = head};
    const auto model = load_model(folder, request).model;
    logits = model->head<LanguageModelHead>().logits(model->forward(input).last_hidden_state);
  }
  const at::Tensor row = logits[-1].detach().to(at::kDouble).contiguous();
  return {row.const_data_ptr<double>(), row.const_data_ptr<double>() + row.numel()};
}

void check_scores(const std::vector<double>& scores, const Json& expected) {
  REQUIRE(scores.size() >= expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(std::abs(scores[i] - expected[i].get<double>()) < kScoreTolerance);
}

// The folder's scores with another value of a setting, or nothing when the folder is refused.
std::optional<std::vector<double>> scores_with(const std::filesystem::path& folder, const Json& setting,
                                               const std::vector<std::int64_t>& ids) {
  const testing::TemporaryDirectory changed;
  std::filesystem::create_symlink(folder / "model.safetensors", changed / "model.safetensors");
  Json config = read_model_config(folder);
  config[setting["key"].get<std::string>()] = setting["value"];
  changed.write("config.json", to_json_text(config));
  try {
    return last_scores(changed.path(), ids);
  } catch (const ModelError&) {
    return std::nullopt;
  }
}

TEST_CASE("A setting of config.json is obeyed as transformers does or the folder is refused") {
  const Json goldens = read_json_file(testing::fixture("models/settings.json").string(), ExitCode::kInternal);
  const auto ids = goldens["ids"].get<std::vector<std::int64_t>>();
  for (const Json& golden : goldens["folders"]) {
    const std::filesystem::path folder = testing::fixture("models/" + golden["folder"].get<std::string>());
    const bool classifies = stored_head_kind(read_model_config(folder), "") == HeadKind::kSequenceClassification;
    check_scores(last_scores(folder, ids), golden["scores"]);
    for (const Json& setting : golden["settings"]) {
      // What changes nothing is tried with one head of a family.
      if (setting["scores"] == true && !classifies) continue;
      CAPTURE(golden["folder"], setting["key"], setting["value"]);
      const auto scores = scores_with(folder, setting, ids);
      if (setting["scores"].is_null()) {
        CHECK_FALSE(scores.has_value());
      } else if (scores) {
        check_scores(*scores, setting["scores"].is_boolean() ? golden["scores"] : setting["scores"]);
      }
    }
  }
}

}  // namespace
}  // namespace llmtool
