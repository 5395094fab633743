#include "llmtool/metrics/answer_text.h"

#include <catch2/catch.hpp>
#include <vector>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/core/utf8.h"

namespace llmtool {
namespace {

using Words = std::vector<std::u32string>;

const Json& goldens() {
  static const Json content = read_json_file(testing::fixture("metrics/answers.json").string(), ExitCode::kInternal);
  return content;
}

std::string in_utf8(std::u32string_view text) {
  std::string result;
  for (const char32_t character : text) append_utf8(character, result);
  return result;
}

std::vector<std::string> in_utf8(const Words& words) {
  std::vector<std::string> result;
  for (const std::u32string& word : words) result.push_back(in_utf8(std::u32string_view(word)));
  return result;
}

std::vector<bool> members(const Json& ranges) {
  std::vector<bool> result(0x110000, false);
  for (const Json& range : ranges)
    for (std::size_t code = range[0]; code <= range[1].get<std::size_t>(); ++code) result[code] = true;
  return result;
}

void check(const AnswerAgreement& found, const Json& expected) {
  CHECK(found.exact == expected[0].get<double>());
  CHECK(found.f1 == expected[1].get<double>());
}

TEST_CASE("Answers are judged as by the scripts of SQuAD and MLQA") {
  REQUIRE(goldens().at("pairs").size() > 500);
  for (const Json& pair : goldens().at("pairs")) {
    const auto answer = pair.at("answer").get<std::string>();
    const auto gold = pair.at("gold").get<std::vector<std::string>>();
    const AnswerRules rules = enum_from_name<AnswerRules>(pair.at("rules").get<std::string>()).value();
    CAPTURE(answer, gold, pair.at("rules").get<std::string>());
    CHECK(in_utf8(answer_words(answer, rules)) == pair.at("words").get<std::vector<std::string>>());
    if (!gold.empty()) check(agree_with_any(answer, gold, rules), pair.at("any"));
    check(agree_with_any_or_none(answer, gold, rules), pair.at("any_or_none"));
  }
}

// Every code point before an article: one that is a letter or a number makes another word of it.
TEST_CASE("Letters, lower case, white space and punctuation are those of Python") {
  const Json& characters = goldens().at("characters");
  const auto skipped = members(characters.at("skipped"));
  const auto word = members(characters.at("word"));
  const auto space = members(characters.at("space"));
  const auto punctuation = members(characters.at("punctuation"));
  std::vector<std::string> lower(0x110000);
  for (const Json& row : characters.at("lower")) lower[row[0].get<std::size_t>()] = row[1].get<std::string>();
  std::vector<std::size_t> wrong;
  for (std::size_t code = 0; code < 0x110000; ++code) {
    if (skipped[code]) continue;
    std::string character;
    append_utf8(static_cast<char32_t>(code), character);
    const std::string lowered = lower[code].empty() ? character : lower[code];
    std::vector<std::string> expected;
    // Of U+0130 in lower case, the last character is a mark.
    const bool makes_a_word = word[code] && code != 0x130;
    if (!punctuation[code] && makes_a_word) expected = {lowered + "the"};
    if (!punctuation[code] && !makes_a_word && !space[code]) expected = {lowered};
    if (in_utf8(answer_words(character + "the", AnswerRules::kEnglish)) != expected) wrong.push_back(code);
  }
  CHECK(wrong == std::vector<std::size_t>{});
}

TEST_CASE("Both or neither is empty: as SQuAD 1.1 and 2.0 have it") {
  const std::vector<std::string> gold{"the"};
  CHECK(agree_with_any("a", gold, AnswerRules::kSquad).exact == 1.0);
  CHECK(agree_with_any("a", gold, AnswerRules::kSquad).f1 == 0.0);
  CHECK(agree_with_any_or_none("", {}, AnswerRules::kSquad).f1 == 1.0);
  CHECK(agree_with_any_or_none("word", {}, AnswerRules::kSquad).exact == 0.0);
}

}  // namespace
}  // namespace llmtool
