#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {
namespace {

std::vector<std::int32_t> positions_of(const Encoding& encoding) {
  std::vector<std::int32_t> positions;
  for (const Offset& offset : encoding.offsets) {
    positions.push_back(offset.begin);
    positions.push_back(offset.end);
  }
  return positions;
}

TEST_CASE("Added words are numbered, saved and found as by transformers' add_tokens") {
  const Json goldens = read_json_file(tokenizer_fixture("added_words.json").string(), ExitCode::kModel);
  const auto words = goldens["words"].get<std::vector<std::string>>();
  const std::string name = GENERATE("uncased", "cased", "added", "components", "byte-level", "roberta");
  CAPTURE(name);
  TemporaryDirectory directory;
  Tokenizer::load(tokenizer_fixture(name)).with_added_tokens(words).save(directory.path(), {});

  const Json& golden = goldens["answers"][name];
  const Json saved = read_json_file((directory / "tokenizer.json").string(), ExitCode::kModel);
  CHECK(nlohmann::json(saved["added_tokens"]) == nlohmann::json(golden["added_tokens"]));
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  for (std::size_t i = 0; i < goldens["texts"].size(); ++i) {
    const Encoding encoding = tokenizer.encode(goldens["texts"][i].get<std::string>(), {.offsets = true});
    CAPTURE(goldens["texts"][i].dump());
    CHECK(encoding.ids == golden["ids"][i].get<std::vector<std::int32_t>>());
    CHECK(positions_of(encoding) == golden["offsets"][i].get<std::vector<std::int32_t>>());
  }
}

TEST_CASE("Words that are known, repeated or empty are counted and not added") {
  const Tokenizer original = Tokenizer::load(tokenizer_fixture("uncased"));
  const std::vector<std::string> words{"the", "metformin", "", "metformin", "Metformin", "hba1c"};
  AddedTokenCounts counts;
  const Tokenizer extended = original.with_added_tokens(words, &counts);
  CHECK(counts.num_known == 1);
  CHECK(counts.num_repeated == 3);  // "Metformin" becomes "metformin"
  CHECK(counts.num_added == 2);
  CHECK(extended.id_bound() == original.id_bound() + 2);
  CHECK(extended.find("hba1c") == original.id_bound() + 1);
  CHECK(extended.content_hash() != original.content_hash());
}

TEST_CASE("Adding no new word leaves the tokenizer what it was") {
  const Tokenizer original = Tokenizer::load(tokenizer_fixture("uncased"));
  const std::vector<std::string> words{"the"};
  CHECK(original.with_added_tokens(words).content_hash() == original.content_hash());
}

TEST_CASE("A list of added tokens in tokenizer_config.json goes on with them") {
  TemporaryDirectory original;
  TemporaryDirectory saved;
  original.write("tokenizer.json", read_file(tokenizer_fixture("uncased") / "tokenizer.json"));
  original.write("tokenizer_config.json", R"({"added_tokens_decoder": {"0": {"content": "[PAD]", "special": true}}})");
  const Tokenizer loaded = Tokenizer::load(original.path());
  const std::vector<std::string> words{"metformin"};
  loaded.with_added_tokens(words).save(saved.path(), {});
  const Json config = read_json_file((saved / "tokenizer_config.json").string(), ExitCode::kModel);
  CHECK(config["added_tokens_decoder"].size() == 2);
  CHECK(config["added_tokens_decoder"][std::to_string(loaded.id_bound())]["content"] == "metformin");
}

TEST_CASE("A word that can never be found is refused by name") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("uncased"));
  const std::vector<std::string> vanishing{"\u200b"};
  CHECK_THROWS_WITH(tokenizer.with_added_tokens(vanishing), Catch::Contains("empty once normalised"));
  const std::vector<std::string> damaged{"caf\xe9"};
  CHECK_THROWS_WITH(tokenizer.with_added_tokens(damaged), Catch::Contains("not UTF-8"));
}

TEST_CASE("A word list is read line by line without empty lines and outer spaces") {
  TemporaryDirectory directory;
  directory.write("words.txt", "\xef\xbb\xbfmetformin\r\n\n  two words \t\nhba1c");
  CHECK(read_word_list(directory / "words.txt") == std::vector<std::string>{"metformin", "two words", "hba1c"});
  directory.write("blank.txt", "\n \n");
  CHECK_THROWS_WITH(read_word_list(directory / "blank.txt"), Catch::Contains("no words"));
  directory.write("latin1.txt", "caf\xe9\n");
  CHECK_THROWS_WITH(read_word_list(directory / "latin1.txt"), Catch::Contains("latin1.txt:1"));
}

}  // namespace
}  // namespace llmtool::testing
