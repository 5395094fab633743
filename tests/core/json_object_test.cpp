#include <catch2/catch.hpp>

#include "llmtool/core/json.h"
#include "llmtool/core/random.h"

namespace llmtool {
namespace {

std::vector<JsonMember> parse(std::string_view text) { return parse_json_object(text, "a.jsonl", ExitCode::kData, 7); }

std::string text_of(const std::string& value) { return parse("{\"a\": " + value + "}").at(0).text; }

// The object as JSON again.
std::string rejoined(const std::vector<JsonMember>& members) {
  std::string text;
  for (const JsonMember& member : members)
    text += (text.empty() ? "{" : ",") + to_json_text(member.name) + ":" +
            (member.kind == JsonKind::kString ? to_json_text(member.text) : member.text);
  return text.empty() ? "{}" : text + "}";
}

TEST_CASE("Numbers of an object keep their digits, however they are written") {
  for (const char* number : {"100000000000000000000", "1.10", "1E5", "1e-7", "-0", "0.1000", "1e999", "-1.5E+400",
                             "12345678901234567890.000", "0", "NaN", "Infinity", "-Infinity"}) {
    INFO(number);
    CHECK(text_of(number) == number);
    CHECK(text_of(std::string("[") + number + " , {\"b\" :" + number + "}]") ==
          std::string("[") + number + ",{\"b\":" + number + "}]");
  }
}

TEST_CASE("Members of an object keep their order, names and kinds") {
  const auto members = parse(
      "{\"z\": \"a\\n\\u00e9\\ud83c\\udf89\", \"a\": 1, \"\": 1.0, \"b\": true, \"c\": null,"
      " \"d\": [ ], \"e\": {}, \"f\": NaN } ");
  const JsonKind kinds[] = {JsonKind::kString, JsonKind::kInteger, JsonKind::kNumber, JsonKind::kBoolean,
                            JsonKind::kNull,   JsonKind::kArray,   JsonKind::kObject, JsonKind::kNotFinite};
  REQUIRE(members.size() == 8);
  for (std::size_t i = 0; i < members.size(); ++i) CHECK(members[i].kind == kinds[i]);
  CHECK(members[0].name == "z");
  CHECK(members[0].text == "a\né🎉");
  CHECK(members[2].name.empty());
  CHECK(members[5].text == "[]");
  CHECK(parse("{}").empty());
}

TEST_CASE("Values are written as the JSON writer writes them") {
  for (const char* text : {R"({"a":[1,"x\/\u0041\u0001",null,true,{"k":"\"\\","\u00e9":[]}]})",
                           R"({ "b" : { "c" : [ 1 , 2 , [ ] ] , "d" : { } } , "e" : -3 })"}) {
    INFO(text);
    CHECK(rejoined(parse(text)) == to_json_text(parse_json(text, "a", ExitCode::kData)));
  }
}

TEST_CASE("What is no JSON object is refused with place and reason, without the text itself") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "a.jsonl:7:1: invalid JSON: the line ends too early; a JSON object"},
      {"{\"a\": 1,}", "a.jsonl:7:9: invalid JSON: a name in double quotes is expected here"},
      {"{\"a\" 1}", "a.jsonl:7:6: invalid JSON: ':' is expected here"},
      {"{\"a\": 1 2}", "a.jsonl:7:9: invalid JSON: ',' or '}' is expected here"},
      {"{\"a\": [1 2]}", "a.jsonl:7:10: invalid JSON: ',' or ']' is expected here"},
      {"{\"a\": 01}", "a.jsonl:7:8: invalid JSON: ',' or '}' is expected here"},
      {"{\"a\": 1.}", "a.jsonl:7:9: invalid JSON: a digit is expected here"},
      {"{\"a\": 1e}", "a.jsonl:7:9: invalid JSON: a digit is expected here"},
      {"{\"a\": -}", "a.jsonl:7:7: invalid JSON: a value is expected here"},
      {"{\"a\": nul}", "a.jsonl:7:7: invalid JSON: a value is expected here"},
      {"{\"a\": \"secret", "a.jsonl:7:7: invalid JSON: the string that begins here does not end on its line"},
      {"{\"a\": \"\\x\"}", "a.jsonl:7:8: invalid JSON: there is no such escape"},
      {"{\"a\": \"\\ud800\"}", "a.jsonl:7:8: invalid JSON: a surrogate stands without its other half"},
      {"{\"a\": \"\\udc00\"}", "a.jsonl:7:8: invalid JSON: a surrogate stands without its other half"},
      {"{\"a\": \"\\u12g4\"}", "a.jsonl:7:12: invalid JSON: four hexadecimal digits"},
      {"{\"a\": \"\t\"}", "a.jsonl:7:8: invalid JSON: a control character in a string must be written as an escape"},
      {"{\"a\": 1} {}", "a.jsonl:7:10: invalid JSON: the object has ended, but more follows"},
      {"{\"a\": 1, \"a\": 2}", "a.jsonl:7:10: invalid JSON: duplicate key 'a'"},
      {"{\"a\"", "a.jsonl:7:5: invalid JSON: the line ends too early; ':' is expected here"},
  };
  for (const auto& [text, message] : cases) {
    INFO(text);
    CHECK_THROWS_WITH(parse(text), Catch::StartsWith(message));
  }
}

TEST_CASE("A key given twice is found among many") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += (i == 0 ? "{\"" : ",\"") + std::to_string(i) + "\":0";
  CHECK(parse(text + "}").size() == 1000);
  CHECK_THROWS_WITH(parse(text + ",\"77\":0}"), Catch::Contains("duplicate key '77'"));
}

TEST_CASE("Objects nest 512 levels deep and no deeper") {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(parse(nested(511)).size() == 1);
  CHECK_THROWS_WITH(parse(nested(512)), Catch::Contains("nested more than 512 levels deep"));
  CHECK_THROWS_AS(parse("{\"a\":" + std::string(1000000, '[')), Error);
}

// Whatever both readers take, they take alike; whatever one refuses, the other does.
TEST_CASE("Random changes of an object are taken or refused as by the JSON parser") {
  const std::string base = R"({"id":12,"t":"a\u00e9\\b","x":[1.5e3,true,null,{"k":[]}],"s":""})";
  const std::string letters = "{}[]\",:\\u0dn1eE.-+ tfa\t\n";
  std::size_t num_taken = 0;
  for (std::uint64_t round = 0; round < 20000; ++round) {
    const CounterRandom random(5, round);
    std::string text = base;
    std::uint64_t draw = 0;
    for (std::uint64_t left = 1 + random.below(3, draw++); left > 0; --left) {
      const std::size_t place = random.below(text.size(), draw++);
      const char letter = letters[random.below(letters.size(), draw++)];
      switch (random.below(3, draw++)) {
        case 0:
          text[place] = letter;
          break;
        case 1:
          text.erase(place, 1);
          break;
        default:
          text.insert(place, 1, letter);
      }
    }
    INFO(text);
    std::string expected;
    try {
      const Json json = parse_json(text, "a", ExitCode::kData);
      if (json.is_object()) expected = "taken";
    } catch (const Error& error) {
      // Numbers that no double holds, and names within the object, are no matter of the reader that keeps text.
      if (std::string(error.what()).find("number overflow") != std::string::npos) continue;
      if (std::string(error.what()).find("does not fit") != std::string::npos) continue;
      if (std::string(error.what()).find("duplicate key") != std::string::npos) continue;
    }
    std::string found;
    try {
      const auto members = parse(text);
      found = "taken";
      if (!expected.empty())
        CHECK(parse_json(rejoined(members), "a", ExitCode::kData) == parse_json(text, "a", ExitCode::kData));
      ++num_taken;
    } catch (const Error&) {
    }
    CHECK(found == expected);
  }
  CHECK(num_taken > 1000);
}

}  // namespace
}  // namespace llmtool
