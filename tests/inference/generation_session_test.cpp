#include "llmtool/inference/generation_session.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

// The tiny random GPT-2 of the goldens with a vocabulary of words "w5" … "w119".
void write_generator(const TemporaryDirectory& directory) {
  const auto model = testing::fixture("models/gpt2_causal_lm");
  for (const char* name : {"config.json", "model.safetensors"})
    std::filesystem::copy_file(model / name, directory / name);
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (int id = 5; id < 120; ++id) vocabulary.append("w").append(std::to_string(id)).append("\n");
  directory.write("vocab.txt", vocabulary);
  directory.write("tokenizer_config.json", R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer"})");
}

ContinuationOptions options_for(std::int64_t max_new_tokens) {
  ContinuationOptions options;
  options.search.max_new_tokens = max_new_tokens;
  return options;
}

TEST_CASE("Prompts are continued, alone as in a batch, and the text grows piece by piece") {
  const TemporaryDirectory directory;
  write_generator(directory);
  const GenerationSession session = GenerationSession::load(directory.path(), c10::Device(c10::DeviceType::CPU));
  const std::vector<std::string> prompts{"w17 w30", "w5", ""};
  std::vector<std::string> grown(prompts.size());
  const auto continuations = session.continue_texts(
      prompts, options_for(6), 0, [&](std::size_t prompt, std::string_view piece) { grown[prompt] += piece; });
  REQUIRE(continuations.size() == 3);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    CHECK(continuations[i].ids.size() == 6);
    CHECK(grown[i] == continuations[i].text);
    CHECK(session.continue_texts({prompts[i]}, options_for(6)).front().ids == continuations[i].ids);
  }
}

TEST_CASE("A text ends with the end tokens that the folder names") {
  const TemporaryDirectory directory;
  write_generator(directory);
  const c10::Device cpu(c10::DeviceType::CPU);
  const auto ids =
      GenerationSession::load(directory.path(), cpu).continue_texts({"w17 w30"}, options_for(6)).front().ids;
  REQUIRE(ids.size() == 6);
  const auto continued = [&](const Json& stored) {
    directory.write("generation_config.json", stored.dump());
    const GenerationSession session = GenerationSession::load(directory.path(), cpu);
    return std::pair(session.continue_texts({"w17 w30"}, options_for(6)).front().ids, session.stored().unknown);
  };
  const auto until = [&](std::int64_t id) {
    return std::vector<std::int64_t>(ids.begin(), std::find(ids.begin(), ids.end(), id) + 1);
  };
  CHECK(continued({{"eos_token_id", ids[2]}}).first == until(ids[2]));
  const auto [several, unknown] = continued({{"eos_token_id", {999, ids[1]}}, {"num_beats", 4}, {"pad_token_id", 0}});
  CHECK(several == until(ids[1]));
  CHECK(unknown == std::vector<std::string>{"num_beats"});
  CHECK_THROWS_WITH(continued({{"eos_token_id", "</s>"}}), Catch::Contains("'eos_token_id' must be an id"));
}

TEST_CASE("A text ends before a stop string") {
  const TemporaryDirectory directory;
  write_generator(directory);
  const GenerationSession session = GenerationSession::load(directory.path(), c10::Device(c10::DeviceType::CPU));
  const std::string whole = session.continue_texts({"w17 w30"}, options_for(6)).front().text;
  const std::size_t place = whole.find(" w", 4) + 1;
  ContinuationOptions options = options_for(6);
  options.stop_strings = {"not there", whole.substr(place, 3)};
  std::string grown;
  const Continuation stopped =
      session.continue_texts({"w17 w30"}, options, 0, [&](std::size_t, std::string_view piece) { grown += piece; })
          .front();
  CHECK(stopped.reason == FinishReason::kStopped);
  CHECK(stopped.text == whole.substr(0, whole.find(options.stop_strings[1])));
  CHECK(grown == stopped.text);
  options.search.num_beams = 2;
  CHECK(session.continue_texts({"w17 w30"}, options).front().text.find(options.stop_strings[1]) == std::string::npos);
}

TEST_CASE("A prompt that fills all positions is refused, a masked model too") {
  const TemporaryDirectory directory;
  write_generator(directory);
  const GenerationSession session = GenerationSession::load(directory.path(), c10::Device(c10::DeviceType::CPU));
  std::string long_prompt;
  for (int i = 0; i < 41; ++i) long_prompt += "w7 ";
  CHECK_THROWS_WITH(session.continue_texts({long_prompt}, options_for(1)), Catch::Contains("positions"));
  const auto masked = testing::fixture("models/bert_masked_lm");
  CHECK_THROWS_AS(GenerationSession::load(masked, c10::Device(c10::DeviceType::CPU)), ModelError);
}

}  // namespace
}  // namespace llmtool
