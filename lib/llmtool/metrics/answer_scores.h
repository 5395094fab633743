#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/metrics/answer_text.h"
#include "llmtool/metrics/metric_value.h"

namespace llmtool {

// What is known of the answer to one question, before it is decided whether to give it.
struct JudgedAnswer {
  bool has_gold = true;    // the question has an answer
  AnswerAgreement answer;  // of the best answer that was found
  AnswerAgreement none;    // of saying that there is none
  bool is_empty = false;   // the best answer has no text, and so says that there is none, too
  // By how much the score of there being none is above that of the answer; -infinity where it is always given.
  double null_margin = 0.0;
};

// Answers to questions. Mergeable; nothing in it depends on order or merging, nor on from which margin on a question
// counts as one without an answer.
class AnswerScores {
 public:
  // Throws NonFiniteError for a margin that is NaN.
  void add(const JudgedAnswer& answer);
  void merge(const AnswerScores& other);

  const std::vector<JudgedAnswer>& answers() const { return answers_; }

 private:
  std::vector<JudgedAnswer> answers_;
};

// Answers with the margin above which they are not given.
struct AnswerScoreSummary {
  const AnswerScores& scores;
  double null_threshold = 0.0;
};

// The threshold with the best mean of an agreement: the margin up to which answers are given, or one just below all of
// them where it is best to give none; questions of equal margins stand together. As in SQuAD 2.0's script, saying that
// there is no answer is right where the question has none, and there alone, whatever is left of its right answers.
struct BestThreshold {
  double value = 0.0;
  double threshold = 0.0;
};
BestThreshold best_threshold(const AnswerScores& scores, double AnswerAgreement::*figure);

// Share of questions whose answer is right word for word, and mean F1 of the words, as SQuAD's scripts, where they are
// percents.
MetricValue answer_exact_match(const AnswerScoreSummary& summary);
MetricValue answer_f1(const AnswerScoreSummary& summary);
// The same over the questions that have an answer.
MetricValue has_answer_exact_match(const AnswerScoreSummary& summary);
MetricValue has_answer_f1(const AnswerScoreSummary& summary);
// Share of the questions without an answer of which that was said.
MetricValue no_answer_accuracy(const AnswerScoreSummary& summary);
// With the threshold that is best for these questions.
MetricValue best_exact_match(const AnswerScoreSummary& summary);
MetricValue best_answer_f1(const AnswerScoreSummary& summary);

}  // namespace llmtool
