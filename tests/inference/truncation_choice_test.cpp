#include "llmtool/inference/truncation_choice.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

constexpr ModelDimensions kDimensions{10, 32, 2};

// A folder with a tokenizer whose model_max_length is 24.
class Folder {
 public:
  Folder() {
    directory_.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\n");
    directory_.write("tokenizer_config.json", R"({"do_lower_case": true, "model_max_length": 24})");
    Tokenizer::load(directory_.path()).save(directory_.path(), {});
  }
  void set_truncation(const Json& truncation) const {
    const std::string file = (directory_ / "tokenizer.json").string();
    Json tokenizer = read_json_file(file, ExitCode::kModel);
    tokenizer["truncation"] = truncation;
    directory_.write("tokenizer.json", tokenizer.dump());
  }
  void write(const char* name, const std::string& content) const { directory_.write(name, content); }

  const std::filesystem::path& path() const { return directory_.path(); }

  TruncationChoice choose(std::optional<std::int64_t> requested = std::nullopt) const {
    return choose_truncation(directory_.path(), Tokenizer::load(directory_.path()), kDimensions, requested);
  }

 private:
  TemporaryDirectory directory_;
};

TEST_CASE("the first known max_length wins and its source is named") {
  const Folder folder;
  CHECK(folder.choose().options.max_length == 24);
  CHECK_THAT(folder.choose().source, Catch::Contains("tokenizer_config.json"));

  folder.write(
      "llmtool.lock.json",
      R"({"config": {"tokenizer": {"max_length": 20, "truncation": "only_first", "truncation_side": "left"}}})");
  CHECK(folder.choose().options.max_length == 20);
  CHECK(folder.choose().options.truncation == TruncationStrategy::kOnlyFirst);
  CHECK(folder.choose().options.truncation_side == TruncationSide::kLeft);
  CHECK(folder.choose().source == "llmtool.lock.json");

  folder.set_truncation({{"direction", "Left"}, {"max_length", 16}, {"strategy", "OnlySecond"}, {"stride", 0}});
  CHECK(folder.choose().options.max_length == 16);
  CHECK(folder.choose().options.truncation == TruncationStrategy::kOnlySecond);
  CHECK(folder.choose().options.truncation_side == TruncationSide::kLeft);
  CHECK(folder.choose().source == "tokenizer.json");

  CHECK(folder.choose(8).options.max_length == 8);
  CHECK(folder.choose(8).options.truncation == TruncationStrategy::kOnlySecond);
}

TEST_CASE("a length stated beside the tokenizer's files goes before theirs, up to the model's positions") {
  const Folder folder;
  folder.set_truncation({{"direction", "Left"}, {"max_length", 16}, {"strategy", "LongestFirst"}, {"stride", 0}});
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  const auto choose = [&](std::optional<std::int64_t> requested, std::int64_t stated) {
    return choose_truncation(folder.path(), tokenizer, kDimensions, requested, StatedLength{stated, "settings.json"});
  };
  CHECK(choose(std::nullopt, 20).options.max_length == 20);
  CHECK(choose(std::nullopt, 20).options.truncation_side == TruncationSide::kLeft);
  CHECK(choose(std::nullopt, 20).source == "settings.json");
  CHECK(choose(8, 20).options.max_length == 8);
  CHECK(choose(std::nullopt, 34).options.max_length == 32);
  CHECK_THAT(choose(std::nullopt, 34).source, Catch::Contains("as far as the model's 32 positions go"));
}

TEST_CASE("the usual length of a task is taken where nobody chose one") {
  const Folder folder;
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  const auto choose = [&](std::int64_t usual, std::optional<std::int64_t> requested = std::nullopt) {
    return choose_truncation(folder.path(), tokenizer, kDimensions, requested, std::nullopt, usual);
  };
  CHECK(choose(12).options.max_length == 12);
  CHECK(choose(12).source == "the usual length for the task");
  CHECK(choose(30).options.max_length == 24);
  CHECK(choose(12, 28).options.max_length == 28);
  folder.set_truncation({{"direction", "Left"}, {"max_length", 16}, {"strategy", "LongestFirst"}, {"stride", 0}});
  CHECK(choose(12).options.max_length == 16);
}

TEST_CASE("without a smaller limit texts may be as long as the model has positions") {
  const Folder folder;
  folder.write("tokenizer_config.json",
               R"({"do_lower_case": true, "model_max_length": 1000000000000000019884624838656})");
  CHECK(folder.choose().options.max_length == 32);
  CHECK_THAT(folder.choose().source, Catch::Contains("32 positions"));
}

TEST_CASE("a saved truncation that cannot be kept is refused") {
  const Folder folder;
  folder.set_truncation({{"max_length", 33}, {"strategy", "LongestFirst"}});
  CHECK_THROWS_AS(folder.choose(), ModelError);
  folder.set_truncation({{"max_length", 16}, {"strategy", "Shuffled"}});
  CHECK_THROWS_WITH(folder.choose(), Catch::Contains("'Shuffled'"));
  folder.set_truncation({{"max_length", -1}, {"strategy", "LongestFirst"}});
  CHECK_THROWS_WITH(folder.choose(), Catch::Contains("-1"));
}

}  // namespace
}  // namespace llmtool
