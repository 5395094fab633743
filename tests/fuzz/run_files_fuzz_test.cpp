// What a run reads again of its own folder, and what model folders say beside the weights.

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "../support/temporary_directory.h"
#include "attempt.h"
#include "llmtool/inference/generation_choice.h"
#include "llmtool/inference/sentence_transformer.h"
#include "llmtool/runs/finished_run.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/trainer_state.h"

namespace llmtool::testing {
namespace {

std::string damaged(Mutation& mutation, const std::string& seed) {
  return mutation.below(3) == 0 ? mutation.bytes(seed, seed) : mutation.json(seed);
}

TEST_CASE("Damaged manifests are damage or an error") {
  const TemporaryDirectory folder;
  folder.write("model.safetensors", "weights");
  folder.write("deeper/random_state.json", "{}");
  write_manifest(folder.path());
  const std::string seed = read_file(folder / "MANIFEST.json");
  try_damage("MANIFEST.json", 1500, [&](Mutation& mutation) {
    folder.write("MANIFEST.json", damaged(mutation, seed));
    return [path = folder.path()] { find_damage(path); };
  });
}

TEST_CASE("Damaged states of a run are refused or read") {
  TrainerState state;
  state.step = 12;
  state.total_steps = 30;
  state.best_metric = 0.5;
  state.window_terms = {{"loss", 1.5}};
  state.plan = {{"batch_size", 8}, {"max_steps", 30}};
  const std::string seed = to_json_text(state.to_json());
  try_damage("trainer_state.json", 2000, [&](Mutation& mutation) {
    const std::string text = damaged(mutation, seed);
    return [text] {
      TrainerState::from_json(parse_json(text, "trainer_state.json", ExitCode::kModel), "trainer_state.json");
    };
  });
}

TEST_CASE("Damaged files beside weights are refused or read") {
  const TemporaryDirectory folder;
  const std::vector<std::pair<std::string, std::string>> seeds{
      {"modules.json",
       R"([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
           {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
           {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])"},
      {"1_Pooling/config.json",
       R"({"word_embedding_dimension": 8, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true})"},
      {"sentence_bert_config.json", R"({"max_seq_length": 256, "do_lower_case": false})"},
      {"config_sentence_transformers.json",
       R"({"prompts": {"query": "query: "}, "default_prompt_name": null, "similarity_fn_name": "cosine"})"},
      {"generation_config.json", R"({"eos_token_id": [5, 7], "temperature": 0.7, "do_sample": true})"},
      {"all_results.json", R"({"train_loss": 0.5, "eval_accuracy": 0.75, "profile": {"steps": 3}})"}};
  folder.write("config.json", R"({"model_type": "bert", "hidden_size": 8})");
  try_damage("files beside weights", 1500, [&](Mutation& mutation) {
    const std::size_t which = mutation.below(seeds.size());
    for (std::size_t i = 0; i < seeds.size(); ++i)
      folder.write(seeds[i].first, i == which ? damaged(mutation, seeds[i].second) : seeds[i].second);
    return [path = folder.path()] {
      read_stored_generation(path);
      read_finished_run(path);
      read_sentence_transformer(path);
    };
  });
}

}  // namespace
}  // namespace llmtool::testing
