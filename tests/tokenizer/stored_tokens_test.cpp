// Tokens that stand in files beside the vocabulary, and vocabularies with unusual white space, as transformers'
// AutoTokenizer takes them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool::testing {
namespace {

using Ids = std::vector<std::int32_t>;

void write_files(const TemporaryDirectory& directory, const Json& row) {
  if (row["base"].is_string())
    std::filesystem::copy_file(tokenizer_fixture(row["base"].get<std::string>()) / "tokenizer.json",
                               directory / "tokenizer.json");
  for (const auto& [name, content] : row["files"].items())
    directory.write(name, content.is_string() ? content.get<std::string>() : content.dump());
}

Json added_tokens_of(const Tokenizer& tokenizer) {
  const TemporaryDirectory saved;
  tokenizer.save(saved.path(), {});
  Json added = read_json_file((saved / "tokenizer.json").string(), ExitCode::kModel)["added_tokens"];
  std::sort(added.begin(), added.end(), [](const Json& a, const Json& b) { return a["id"] < b["id"]; });
  return added;
}

TEST_CASE("Tokens and vocabularies beside one another are taken as by transformers' AutoTokenizer") {
  const Json goldens = read_json_file(tokenizer_fixture("stored_tokens.json").string(), ExitCode::kModel);
  REQUIRE(goldens["rows"].size() > 20);
  for (const Json& row : goldens["rows"]) {
    CAPTURE(row["base"].dump(), row["files"].dump());
    const TemporaryDirectory directory;
    write_files(directory, row);
    const Tokenizer tokenizer = Tokenizer::load(directory.path());
    CHECK(nlohmann::json(added_tokens_of(tokenizer)) == nlohmann::json(row["added_tokens"]));
    for (std::size_t i = 0; i < goldens["texts"].size(); ++i) {
      CAPTURE(goldens["texts"][i].dump());
      CHECK(tokenizer.encode(goldens["texts"][i].get<std::string>()).ids == row["ids"][i].get<Ids>());
    }
    const TemporaryDirectory saved;
    tokenizer.save(saved.path(), {});
    CHECK(Tokenizer::load(saved.path()).content_hash() == tokenizer.content_hash());
  }
}

std::string refusal(const Json& files) {
  const TemporaryDirectory directory;
  write_files(directory, {{"base", "uncased"}, {"files", files}});
  try {
    Tokenizer::load(directory.path());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

std::int64_t next_id() { return Tokenizer::load(tokenizer_fixture("uncased")).id_bound(); }

TEST_CASE("Ids of listed tokens that they cannot have are refused by name") {
  const std::int64_t next = next_id();
  CHECK(refusal({{"added_tokens.json", {{"<e1>", next}, {"<e2>", next + 1}}}}) == "loaded");
  CHECK_THAT(refusal({{"added_tokens.json", {{"<e1>", next + 1}}}}),
             Catch::Contains("added_tokens.json: '<e1>'") &&
                 Catch::Contains("listed with the id " + std::to_string(next + 1)) && Catch::Contains("without gaps"));
  CHECK_THAT(refusal({{"added_tokens.json", {{"<e1>", next}, {"<e2>", next}}}}), Catch::Contains("'<e2>'"));
  CHECK_THAT(refusal({{"added_tokens.json", {{"[MASK]", 7}}}}),
             Catch::Contains("'[MASK]'") && Catch::Contains("already"));
  CHECK_THAT(refusal({{"added_tokens.json", {{"<e1>", "7"}}}}), Catch::Contains("must be a whole number"));
  CHECK_THAT(refusal({{"tokenizer_config.json", {{"added_tokens_decoder", {{"5", {{"content", "<e1>"}}}}}}}}),
             Catch::Contains("tokenizer_config.json: 'added_tokens_decoder'") && Catch::Contains("'<e1>'"));
}

TEST_CASE("Tokens in a file that transformers does not read there are refused by name") {
  const Json decoder{{"added_tokens_decoder", Json::object()}};
  CHECK_THAT(refusal({{"tokenizer_config.json", decoder}, {"added_tokens.json", {{"<e1>", next_id()}}}}),
             Catch::Contains("added_tokens.json: '<e1>'") && Catch::Contains("is not read"));
  CHECK_THAT(refusal({{"tokenizer_config.json", decoder},
                      {"special_tokens_map.json", {{"additional_special_tokens", {"<e1>"}}}}}),
             Catch::Contains("special_tokens_map.json: 'additional_special_tokens'"));
  CHECK(refusal({{"tokenizer_config.json", decoder}, {"special_tokens_map.json", {{"mask_token", "[MASK]"}}}}) ==
        "loaded");
}

TEST_CASE("A listed token that is none is refused by name") {
  CHECK_THAT(refusal({{"tokenizer_config.json", {{"extra_special_tokens", {1}}}}}),
             Catch::Contains("'extra_special_tokens' must be a token"));
  CHECK_THAT(refusal({{"tokenizer_config.json", {{"additional_special_tokens", "x"}}}}),
             Catch::Contains("'additional_special_tokens' must be a list"));
  CHECK_THAT(refusal({{"tokenizer_config.json", {{"mask_token", {{"content", "[M]"}, {"strip", true}}}}}}),
             Catch::Contains("'mask_token' must be a token"));
}

TEST_CASE("A vocabulary with a byte order mark is refused") {
  const TemporaryDirectory directory;
  directory.write("vocab.txt", "\xef\xbb\xbf[PAD]\n[UNK]\n[CLS]\n[SEP]\n");
  CHECK_THROWS_WITH(Tokenizer::load(directory.path()),
                    Catch::Contains("vocab.txt:1:1") && Catch::Contains("byte order"));
}

}  // namespace
}  // namespace llmtool::testing
