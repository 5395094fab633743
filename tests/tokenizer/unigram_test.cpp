#include "llmtool/tokenizer/unigram.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool::testing {
namespace {

Json model_json() {
  return Json::parse(R"({"type": "Unigram", "unk_id": 0, "vocab": [["?", 0], ["a", -1], ["b", -1], ["ab", -2],
                         ["bc", -1.5], ["c", -3]]})");
}

std::string message_for(const std::function<void(Json&)>& change) {
  Json json = model_json();
  change(json);
  try {
    make_model({json, "tokenizer.json", "model"});
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

std::vector<ModelToken> tokens_of(const Json& json, std::string_view word) {
  std::vector<ModelToken> tokens;
  make_model({json, "tokenizer.json", "model"})->tokenize(word, tokens);
  return tokens;
}

TEST_CASE("The cut with the greatest sum of scores is taken, of equal ones the longer token") {
  const auto best = tokens_of(model_json(), "abc");
  REQUIRE(best.size() == 2);
  CHECK(best[0].id == 1);
  CHECK(best[1].id == 4);
  const auto tied = tokens_of(model_json(), "ab");
  REQUIRE(tied.size() == 1);
  CHECK(tied[0].id == 3);
}

TEST_CASE("Neighbouring unknown characters are one token") {
  const auto tokens = tokens_of(model_json(), "axyb");
  REQUIRE(tokens.size() == 3);
  CHECK(tokens[1].id == 0);
  CHECK(tokens[1].begin == 1);
  CHECK(tokens[1].end == 3);
}

TEST_CASE("Unknown text without an unknown token is an error") {
  Json json = model_json();
  json["unk_id"] = nullptr;
  CHECK_THROWS_WITH(tokens_of(json, "axb"), Catch::Contains("'axb'") && Catch::Contains("unk_id"));
  CHECK(tokens_of(json, "ab").size() == 1);
}

TEST_CASE("A damaged vocabulary of scores is refused") {
  CHECK_THAT(message_for([](Json& m) { m["unk_id"] = 6; }), Catch::Contains("unk_id 6"));
  CHECK_THAT(message_for([](Json& m) { m["vocab"] = Json::array(); }), Catch::Contains("'vocab'"));
  CHECK_THAT(message_for([](Json& m) { m["vocab"][2] = "b"; }), Catch::Contains("vocab[2]"));
  CHECK_THAT(message_for([](Json& m) { m["vocab"][2][0] = "a"; }),
             Catch::Contains("vocab[2]") && Catch::Contains("twice"));
}

}  // namespace
}  // namespace llmtool::testing
