#include "llmtool/metrics/answer_scores.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

using Figure = double AnswerAgreement::*;

const AnswerAgreement& given(const JudgedAnswer& answer, double null_threshold) {
  return answer.null_margin > null_threshold ? answer.none : answer.answer;
}

MetricValue mean(const AnswerScoreSummary& summary, Figure figure,
                 const std::function<bool(const JudgedAnswer&)>& counts, const char* reason) {
  ExactSum sum;
  std::int64_t num_counted = 0;
  for (const JudgedAnswer& answer : summary.scores.answers()) {
    if (!counts(answer)) continue;
    sum.add(given(answer, summary.null_threshold).*figure);
    ++num_counted;
  }
  if (num_counted == 0) return MetricValue::undefined(reason);
  return MetricValue::of(sum.value() / static_cast<double>(num_counted));
}

bool counts_always(const JudgedAnswer& /*answer*/) { return true; }
bool has_gold(const JudgedAnswer& answer) { return answer.has_gold; }
bool has_no_gold(const JudgedAnswer& answer) { return !answer.has_gold; }

// Over saying that there is no answer.
double gain_of_answering(const JudgedAnswer& answer, Figure figure) {
  if (answer.has_gold) return answer.answer.*figure;
  return answer.is_empty ? 0.0 : -1.0;
}

MetricValue value_of_best(const AnswerScoreSummary& summary, Figure figure) {
  if (summary.scores.answers().empty()) return MetricValue::undefined("there are no questions");
  return MetricValue::of(best_threshold(summary.scores, figure).value);
}

}  // namespace

void AnswerScores::add(const JudgedAnswer& answer) {
  if (std::isnan(answer.null_margin)) throw NonFiniteError("the score of an answer is NaN");
  answers_.push_back(answer);
}

void AnswerScores::merge(const AnswerScores& other) {
  answers_.insert(answers_.end(), other.answers_.begin(), other.answers_.end());
}

BestThreshold best_threshold(const AnswerScores& scores, Figure figure) {
  std::vector<const JudgedAnswer*> sorted;
  ExactSum sum;  // of giving the answers up to a margin, and none of the others
  for (const JudgedAnswer& answer : scores.answers()) {
    sorted.push_back(&answer);
    sum.add(answer.has_gold ? 0.0 : 1.0);
  }
  if (sorted.empty()) return {};
  std::ranges::sort(sorted, {}, [](const JudgedAnswer* answer) { return answer->null_margin; });
  const double lowest = sorted.front()->null_margin;
  double best = sum.value();
  double threshold = std::nextafter(lowest, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum.add(gain_of_answering(*sorted[i], figure));
    const bool is_last_of_margin = i + 1 == sorted.size() || sorted[i + 1]->null_margin > sorted[i]->null_margin;
    if (!is_last_of_margin || sum.value() <= best) continue;
    best = sum.value();
    threshold = sorted[i]->null_margin;
  }
  return {best / static_cast<double>(sorted.size()), threshold};
}

MetricValue answer_exact_match(const AnswerScoreSummary& summary) {
  return mean(summary, &AnswerAgreement::exact, counts_always, "there are no questions");
}

MetricValue answer_f1(const AnswerScoreSummary& summary) {
  return mean(summary, &AnswerAgreement::f1, counts_always, "there are no questions");
}

MetricValue has_answer_exact_match(const AnswerScoreSummary& summary) {
  return mean(summary, &AnswerAgreement::exact, has_gold, "no question has an answer");
}

MetricValue has_answer_f1(const AnswerScoreSummary& summary) {
  return mean(summary, &AnswerAgreement::f1, has_gold, "no question has an answer");
}

MetricValue no_answer_accuracy(const AnswerScoreSummary& summary) {
  return mean(summary, &AnswerAgreement::exact, has_no_gold, "every question has an answer");
}

MetricValue best_exact_match(const AnswerScoreSummary& summary) {
  return value_of_best(summary, &AnswerAgreement::exact);
}

MetricValue best_answer_f1(const AnswerScoreSummary& summary) { return value_of_best(summary, &AnswerAgreement::f1); }

}  // namespace llmtool
