#include "llmtool/metrics/answer_scores.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

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
    // U+0130 in lower case ends with a mark.
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

AnswerAgreement agreement_of(const Json& pair) { return {pair[0].get<double>(), pair[1].get<double>()}; }

AnswerScores scores_of(const Json& questions) {
  AnswerScores scores;
  for (const Json& question : questions)
    scores.add({question.at("has_gold").get<bool>(), agreement_of(question.at("answer")),
                agreement_of(question.at("none")), false, question.at("margin").get<double>()});
  return scores;
}

void check(const MetricValue& found, const Json& expected) {
  REQUIRE(found.value.has_value() == !expected.is_null());
  if (found.value) CHECK(*found.value == Approx(expected.get<double>()).epsilon(1e-12));
  if (!found.value) CHECK_FALSE(found.reason.empty());
}

const Json& sets() { return goldens().at("sets"); }

TEST_CASE("Figures of answers are those of SQuAD 2.0") {
  for (const Json& set : sets()) {
    const AnswerScores scores = scores_of(set.at("questions"));
    const AnswerScoreSummary summary{scores, set.at("threshold").get<double>()};
    check(answer_exact_match(summary), set.at("figures").at("exact_match"));
    check(answer_f1(summary), set.at("figures").at("answer_f1"));
    check(has_answer_exact_match(summary), set.at("figures").at("has_answer_exact_match"));
    check(has_answer_f1(summary), set.at("figures").at("has_answer_f1"));
    check(no_answer_accuracy(summary), set.at("figures").at("no_answer_accuracy"));
    check(best_exact_match(summary), set.at("best_exact").at("value"));
    check(best_answer_f1(summary), set.at("best_f1").at("value"));
  }
}

TEST_CASE("The best threshold reaches the figure that is told with it") {
  for (const Json& set : sets()) {
    const AnswerScores scores = scores_of(set.at("questions"));
    const BestThreshold best = best_threshold(scores, &AnswerAgreement::f1);
    const Json& expected = set.at("best_f1").at("threshold");
    if (!expected.is_null()) CHECK(best.threshold == expected.get<double>());
    CHECK(*answer_f1({scores, best.threshold}).value == Approx(best.value).epsilon(1e-12));
  }
}

TEST_CASE("Where it is best to say that there is no answer, the threshold lies below every question") {
  AnswerScores scores;
  for (const double margin : {-2.0, -1.0}) scores.add({false, {0.0, 0.0}, {1.0, 1.0}, false, margin});
  const BestThreshold best = best_threshold(scores, &AnswerAgreement::f1);
  CHECK(best.threshold < -2.0);
  CHECK(*no_answer_accuracy({scores, best.threshold}).value == 1.0);
}

TEST_CASE("Merged answers are those of all questions at once") {
  const Json set = sets().back();
  const AnswerScores all = scores_of(set.at("questions"));
  AnswerScores first, second;
  for (std::size_t i = 0; i < all.answers().size(); ++i) (i % 3 == 0 ? first : second).add(all.answers()[i]);
  second.merge(first);
  for (const auto& metric : {answer_f1, has_answer_f1, best_answer_f1})
    CHECK(*metric({second, 0.3}).value == *metric({all, 0.3}).value);
}

TEST_CASE("Without questions the figures are undefined, and a margin that is NaN is an error") {
  AnswerScores scores;
  CHECK(answer_f1({scores}).reason == "there are no questions");
  CHECK_FALSE(best_answer_f1({scores}).value);
  CHECK_THROWS_AS(scores.add({.null_margin = std::nan("")}), NonFiniteError);
  scores.add({.answer = {1.0, 1.0}, .null_margin = -std::numeric_limits<double>::infinity()});
  CHECK(*answer_f1({scores, -std::numeric_limits<double>::infinity()}).value == 1.0);
  CHECK(no_answer_accuracy({scores}).reason == "every question has an answer");
}

}  // namespace
}  // namespace llmtool
