#include "llmtool/core/json.h"

#include <catch2/catch.hpp>
#include <limits>

#include "../support/temporary_directory.h"

namespace llmtool {
namespace {

Json parse(std::string_view text) { return parse_json(text, "a.json", ExitCode::kModel); }

TEST_CASE("JSON keeps the order of its keys and the kind of its numbers") {
  const Json json = parse(R"({"b": 1, "a": [1.0, -2, 18446744073709551615, "x", null, true]})");
  CHECK(json.items().begin().key() == "b");
  CHECK(json["a"][0].is_number_float());
  CHECK(json["a"][1] == -2);
  CHECK(json["a"][2].get<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
  CHECK(to_json_text(json) == R"({"b":1,"a":[1.0,-2,18446744073709551615,"x",null,true]})");
}

TEST_CASE("Strict JSON refuses with place and reason") {
  struct Bad {
    const char* text;
    const char* message;
  };
  const Bad cases[] = {
      {"", "a.json:1:1: invalid JSON: unexpected end of input; expected '[', '{', or a literal"},
      {"{\"a\": 1, \"a\": 2}", "a.json:1:12: invalid JSON: duplicate key 'a'"},
      {"{\"a\": {\"b\": 1,\n \"b\": 2}}", "a.json:2:4: invalid JSON: duplicate key 'b'"},
      {"[1]\n x", "a.json:2:2: invalid JSON: invalid literal; expected end of input"},
      {"[1,]", "a.json:1:4: invalid JSON: unexpected ']'; expected '[', '{', or a literal"},
      {"[NaN]", "a.json:1:2: invalid JSON: invalid literal"},
      {"[1e999]", "a.json:1:6: invalid JSON: number overflow parsing '1e999'"},
      {"[\"a\xff\"]", "a.json:1:4: invalid JSON: the bytes here are not UTF-8 (byte offset 3)"},
      {"[99999999999999999999]", "a.json:1:22: invalid JSON: the integer 99999999999999999999 does not fit 64 bits"},
  };
  for (const Bad& bad : cases) {
    INFO(bad.text);
    CHECK_THROWS_WITH(parse(bad.text), bad.message);
  }
}

TEST_CASE("A JSON error does not grow with the text that causes it") {
  const std::string many(5000000, '7');
  for (const std::string& text : {"{\"a\": \"" + many, "[" + many + "]", "{\"a\": " + many + "x}", "[1e" + many + "]",
                                  "{\"" + many + "\": 1, \"" + many + "\": 2}"}) {
    try {
      parse(text);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).size() < 500);
    }
  }
}

TEST_CASE("A JSON error has the exit code it was asked for") {
  try {
    parse("{");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::kModel);
  }
}

TEST_CASE("JSON lines may start at another line number") {
  CHECK_THROWS_WITH(parse_json("{", "a.jsonl", ExitCode::kData, 7), Catch::StartsWith("a.jsonl:7:"));
}

TEST_CASE("Keys of different objects may be equal") {
  CHECK(parse(R"([{"a": 1}, {"a": {"a": 2}}])")[1]["a"]["a"] == 2);
}

TEST_CASE("JSON nests 512 levels deep and no deeper") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse(nested(512)).is_array());
  CHECK_THROWS_WITH(parse(nested(513)), Catch::Contains("nested more than 512 levels deep"));
  CHECK_THROWS_AS(parse(std::string(1000000, '[')), Error);
}

TEST_CASE("A number that is not finite is not written as JSON") {
  CHECK_THROWS_AS(to_json_text({{"a", {1.0, std::numeric_limits<double>::infinity()}}}), std::logic_error);
  CHECK_THROWS_AS(to_json_text(std::numeric_limits<double>::quiet_NaN()), std::logic_error);
}

TEST_CASE("A JSON file may start with a byte order mark") {
  const testing::TemporaryDirectory directory;
  CHECK(read_json_file(directory.write("a.json", "\xef\xbb\xbf{\"a\": 1}"), ExitCode::kModel)["a"] == 1);
  CHECK_THROWS_AS(read_json_file(directory / "missing.json", ExitCode::kModel), ResourceError);
}

TEST_CASE("a large integer that a double holds exactly is kept as one") {
  const Json json = parse_json(R"({"model_max_length": 1000000000000000019884624838656})", "a.json", ExitCode::kModel);
  CHECK(json.at("model_max_length").get<double>() == 1e30);
  CHECK_FALSE(json.at("model_max_length").is_number_integer());
}

}  // namespace
}  // namespace llmtool
