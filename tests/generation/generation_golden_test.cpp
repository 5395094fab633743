#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/generation/search.h"
#include "llmtool/models/pretrained.h"

// Texts made by scripts/reference/generation_goldens.py.
namespace llmtool {
namespace {

using Texts = std::vector<std::vector<std::int64_t>>;

std::shared_ptr<Model> load_model(const std::string& name) {
  LoadRequest request{.head = HeadKind::kCausalLm};
  return load_model(testing::fixture("models/" + name), request).model;
}

GenerationOptions read_options(const Json& json) {
  GenerationOptions options;
  options.max_new_tokens = json["max_new_tokens"].get<std::int64_t>();
  options.num_beams = json.value("num_beams", options.num_beams);
  options.repetition_penalty = json.value("repetition_penalty", options.repetition_penalty);
  options.length_penalty = json.value("length_penalty", options.length_penalty);
  options.early_stopping = json.value("early_stopping", options.early_stopping);
  return options;
}

GenerationRequest read_request(const Json& json) {
  GenerationRequest request;
  request.prompts = json["prompts"].get<Texts>();
  request.options = read_options(json["options"]);
  request.end_ids = json["end_ids"].get<std::vector<std::int64_t>>();
  return request;
}

Texts new_ids(const std::vector<Generation>& generations) {
  Texts texts;
  for (const Generation& generation : generations) texts.push_back(generation.ids);
  return texts;
}

TEST_CASE("Texts are those of Hugging Face's generate, all prompts together or each alone") {
  const std::string file = testing::fixture("generation/cases.json").string();
  for (const Json& json : read_json_file(file, ExitCode::kInternal)) {
    CAPTURE(json["name"].get<std::string>());
    const auto model = load_model(json["model"].get<std::string>());
    const GenerationRequest together = read_request(json);
    const Texts expected = json["new_ids"].get<Texts>();
    CHECK(new_ids(generate(*model, together)) == expected);
    for (std::size_t prompt = 0; prompt < expected.size(); ++prompt) {
      GenerationRequest alone = together;
      alone.prompts = {together.prompts[prompt]};
      CHECK(new_ids(generate(*model, alone)) == Texts{expected[prompt]});
    }
  }
}

}  // namespace
}  // namespace llmtool
