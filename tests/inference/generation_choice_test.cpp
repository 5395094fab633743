#include "llmtool/inference/generation_choice.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

StoredGeneration stored(const Json& settings) { return {{}, settings, "model/generation_config.json", {}}; }

GenerationOptions searched(const Json& settings, const GenerationChoice& choice = {}) {
  return resolve_generation(choice, stored(settings)).search;
}

TEST_CASE("What a folder says about generating counts where nothing is chosen") {
  const GenerationOptions drawn = searched({{"do_sample", true}, {"temperature", 0.5}, {"max_new_tokens", 7}});
  CHECK(drawn.do_sample);
  CHECK(drawn.temperature == 0.5);
  CHECK(drawn.top_k == 50);  // as transformers has it
  CHECK(drawn.max_new_tokens == 7);
  const GenerationOptions beams = searched({{"num_beams", 4}, {"length_penalty", 2}, {"early_stopping", true}});
  CHECK(beams.num_beams == 4);
  CHECK(beams.length_penalty == 2);
  CHECK(beams.early_stopping);
  CHECK(searched({{"repetition_penalty", 1.5}}).repetition_penalty == 1.5);
  CHECK(searched({{"temperature", 0.5}, {"top_k", 3}}).temperature == 1);  // nothing is drawn
  const auto options = resolve_generation({.stop_strings = {"a"}}, stored({{"stop_strings", {"b", "c"}}}));
  CHECK(options.stop_strings == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("What is chosen counts before what the folder says") {
  const Json drawing{{"do_sample", true}, {"temperature", 0.5}, {"top_p", 0.25}};
  const GenerationOptions warmer = searched(drawing, {.temperature = 2.0});
  CHECK(warmer.temperature == 2);
  CHECK(warmer.top_p == 0.25);
  CHECK(warmer.top_k == 0);
  CHECK_FALSE(searched(drawing, {.num_beams = 3}).do_sample);
  CHECK(searched({{"num_beams", 4}}, {.top_k = 3}).num_beams == 1);
  CHECK_FALSE(searched(drawing, {.ignore_stored = true}).do_sample);
  CHECK_THROWS_AS(searched({}, {.length_penalty = 2.0}), UsageError);
}

TEST_CASE("Settings that change what is generated and are not computed are refused by name") {
  const auto refusal = [](const Json& settings, const GenerationChoice& choice = {}) -> std::string {
    try {
      resolve_generation(choice, stored(settings));
    } catch (const ModelError& error) {
      return error.what();
    }
    return "accepted";
  };
  for (const char* key : {"no_repeat_ngram_size", "min_length", "suppress_tokens", "bad_words_ids", "guidance_scale",
                          "num_return_sequences", "exponential_decay_length_penalty", "forced_eos_token_id"}) {
    CHECK_THAT(refusal({{key, 3}}), Catch::Contains("generation_config.json: '" + std::string(key) + "'") &&
                                        Catch::Contains("--ignore-generation-config"));
    CHECK(refusal({{key, nullptr}}) == "accepted");
    CHECK(refusal({{key, 3}}, {.ignore_stored = true}) == "accepted");
  }
  CHECK(refusal({{"no_repeat_ngram_size", 0}, {"guidance_scale", 1.0}, {"suppress_tokens", Json::array()}}) ==
        "accepted");
  CHECK(refusal({{"typical_p", 0.5}}) == "accepted");
  CHECK_THAT(refusal({{"typical_p", 0.5}, {"do_sample", true}}), Catch::Contains("'typical_p'"));
  CHECK_THAT(refusal({{"num_beams", 2}, {"early_stopping", "never"}}), Catch::Contains("'early_stopping'"));
  CHECK_THAT(refusal({{"num_beams", 2}, {"do_sample", true}}),
             Catch::Contains("'do_sample' together with 'num_beams'"));
  CHECK_THAT(refusal({{"max_length", 20}}), Catch::Contains("'max_length'") && Catch::Contains("--max-new-tokens"));
  CHECK(refusal({{"max_length", 20}}, {.max_new_tokens = 3}) == "accepted");
  CHECK_THAT(refusal({{"temperature", 0}, {"do_sample", true}}),
             Catch::Contains("'temperature' must be a number from 0.001 to 1000.0"));
  CHECK_THAT(refusal({{"stop_strings", {""}}}), Catch::Contains("'stop_strings'"));
}

}  // namespace
}  // namespace llmtool
