#include <catch2/catch.hpp>

#include "llmtool/tasks/classification/options.h"

namespace llmtool {
namespace {

TEST_CASE("class weights read their three forms and write them back unchanged") {
  for (const char* text : {R"("none")", R"("balanced")", R"({"bad":2.5,"good":1.0})"}) {
    const Json json = Json::parse(text);
    CHECK(LabelWeights::from_json(json).to_json() == json);
  }
  CHECK(LabelWeights::from_json(Json::parse(R"({"bad": 2})")).by_name.at("bad") == 2.0);
}

TEST_CASE("class weights refuse anything else and name the value") {
  CHECK_THROWS_WITH(LabelWeights::from_json("balance"),
                    Catch::Contains("balance") && Catch::Contains("none, balanced"));
  CHECK_THROWS_AS(LabelWeights::from_json(Json::object()), ValueError);
  CHECK_THROWS_AS(LabelWeights::from_json(3), ValueError);
  CHECK_THROWS_WITH(LabelWeights::from_json(Json{{"bad", -1}}), Catch::Contains("'bad'") && Catch::Contains("-1"));
  CHECK_THROWS_WITH(LabelWeights::from_json(Json{{"bad", "two"}}), Catch::Contains("'bad'"));
}

TEST_CASE("A label may be named by an integer") {
  CHECK(LabelName::from_json(1).text == "1");
  CHECK(LabelName::from_json("positive").text == "positive");
  for (const Json& json : {Json(""), Json(1.5), Json(true), Json(nullptr)})
    CHECK_THROWS_AS(LabelName::from_json(json), ValueError);
}

}  // namespace
}  // namespace llmtool
