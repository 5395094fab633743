#include <catch2/catch.hpp>
#include <fstream>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

// Windows made by scripts/reference/window_goldens.py.
namespace llmtool::testing {
namespace {

std::vector<Encoding> windows_of(const Tokenizer& tokenizer, const Json& golden) {
  const WindowOptions options{golden.at("max_length").get<std::int64_t>(), golden.at("stride").get<std::int64_t>()};
  if (golden.contains("words"))
    return tokenizer.encode_words(golden.at("words").get<std::vector<std::string>>(), options);
  const std::string text = golden.at("text").get<std::string>();
  if (!golden.contains("before")) return tokenizer.encode_windows(text, options);
  return tokenizer.encode_windows(golden.at("before").get<std::string>(), text, options);
}

Json described(const Encoding& window, bool has_words) {
  Json offsets = Json::array();
  for (const Offset& offset : window.offsets) {
    offsets.push_back(offset.begin);
    offsets.push_back(offset.end);
  }
  Json json{
      {"ids", window.ids}, {"type_ids", window.type_ids}, {"offsets", offsets}, {"sequence_ids", window.sequence_ids}};
  if (has_words) json["word_ids"] = window.word_ids;
  return json;
}

TEST_CASE("Long texts, pairs and words are cut into the windows of the tokenizers library") {
  std::ifstream file(tokenizer_fixture("windows.jsonl"));
  std::string loaded;
  std::optional<Tokenizer> tokenizer;
  std::size_t num_cases = 0;
  for (std::string line; std::getline(file, line); ++num_cases) {
    const Json golden = Json::parse(line);
    const std::string folder = golden.at("tokenizer").get<std::string>();
    if (folder != loaded) tokenizer = Tokenizer::load(tokenizer_fixture(folder));
    loaded = folder;
    const std::vector<Encoding> windows = windows_of(*tokenizer, golden);
    CAPTURE(num_cases, folder, golden.value("text", ""), golden.value("words", Json()).dump());
    REQUIRE(windows.size() == golden.at("windows").size());
    const bool has_words = golden.contains("words");
    for (std::size_t index = 0; index < windows.size(); ++index) {
      Json expected = golden.at("windows")[index];
      if (!has_words) expected.erase("word_ids");
      CHECK(described(windows[index], has_words) == expected);
    }
  }
  CHECK(num_cases == 256);
}

TEST_CASE("Windows without room for more than they share are refused") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("cased"));
  const std::string text = "one two three four five six seven eight nine ten";
  CHECK_THROWS_AS(tokenizer.encode_windows(text, {8, 6}), DataError);
  CHECK_THROWS_AS(tokenizer.encode_windows(text, text, {8, 0}), DataError);
  CHECK(tokenizer.encode_windows("one", {8, 6}).size() == 1);
}

}  // namespace
}  // namespace llmtool::testing
