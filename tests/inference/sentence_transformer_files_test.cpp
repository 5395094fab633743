#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/inference/sentence_transformer.h"

namespace llmtool {
namespace {

TEST_CASE("What a run writes about vectors is read as it was meant") {
  for (const auto& [pooling, name] : EnumNames<Pooling>::kNames) {
    CAPTURE(name);
    for (const bool flag : {true, false}) {
      const testing::TemporaryDirectory directory;
      write_sentence_transformer_files(directory.path(),
                                       {.pooling = pooling,
                                        .include_prompt = flag,
                                        .normalize = flag,
                                        .hidden_size = 32,
                                        .max_length = 128,
                                        .settings = flag ? Json{{"prompts", {{"query", "q: "}}}} : Json()});
      const SentenceTransformer read = read_sentence_transformer(directory.path());
      const auto& step = std::get<PoolingStep>(read.steps.steps().front());
      CHECK((step.modes == std::vector{pooling}));
      CHECK(step.include_prompt == flag);
      CHECK(read.steps.ends_with_normalization() == flag);
      CHECK(read.reading.max_length->max_length == 128);
      CHECK_FALSE(read.reading.lowercase);
      CHECK(read.settings.prompt("query") == (flag ? std::optional<std::string>("q: ") : std::nullopt));
    }
  }
}

TEST_CASE("A folder without a list of modules still says its pooling") {
  const testing::TemporaryDirectory directory;
  const auto modes = [&] {
    return std::get<PoolingStep>(read_sentence_transformer(directory.path()).steps.steps().front()).modes;
  };
  CHECK((modes() == std::vector{Pooling::kMean}));
  directory.write("1_Pooling/config.json",
                  R"({"embedding_dimension": 32, "pooling_mode": "cls", "include_prompt": true})");
  CHECK((modes() == std::vector{Pooling::kCls}));
  CHECK(read_sentence_transformer(directory.path()).steps.ends_with_normalization());
}

}  // namespace
}  // namespace llmtool
