#include "llmtool/metrics/answer_scores.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

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

Json sets() {
  return read_json_file(testing::fixture("metrics/answers.json").string(), ExitCode::kInternal).at("sets");
}

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
