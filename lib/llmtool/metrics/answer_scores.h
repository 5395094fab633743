#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

// How answers are made alike before they are compared: kSquad is that of SQuAD's scripts (lower case, without ASCII
// punctuation, the articles a, an and the, and white space), the others those of MLQA's script for a language (Lewis
// et al. 2020): without any Unicode punctuation and without the articles of the language; Chinese characters are words
// of their own.
enum class AnswerRules { kSquad, kEnglish, kGerman, kSpanish, kVietnamese, kArabic, kHindi, kChinese };

template <>
struct EnumNames<AnswerRules> {
  static constexpr std::array kNames{std::pair{AnswerRules::kSquad, std::string_view("squad")},
                                     std::pair{AnswerRules::kEnglish, std::string_view("mlqa_en")},
                                     std::pair{AnswerRules::kGerman, std::string_view("mlqa_de")},
                                     std::pair{AnswerRules::kSpanish, std::string_view("mlqa_es")},
                                     std::pair{AnswerRules::kVietnamese, std::string_view("mlqa_vi")},
                                     std::pair{AnswerRules::kArabic, std::string_view("mlqa_ar")},
                                     std::pair{AnswerRules::kHindi, std::string_view("mlqa_hi")},
                                     std::pair{AnswerRules::kChinese, std::string_view("mlqa_zh")}};
};

// The words that the rules leave of an answer, in UTF-32. Letters, lower case and white space are those of Python's
// `re` and `str`. `text` must be well-formed UTF-8.
std::vector<std::u32string> answer_words(std::string_view text, AnswerRules rules);

// How well an answer agrees with the best of several that are right.
struct AnswerAgreement {
  double exact = 0.0;  // 1 or 0: all words are equal
  double f1 = 0.0;     // harmonic mean of the shares of its words and of those of the right answer that both have
};

// As SQuAD 1.1's script. `gold` is not empty.
AnswerAgreement agree_with_any(std::string_view answer, std::span<const std::string> gold, AnswerRules rules);

// As SQuAD 2.0's script, where "" says that there is no answer: right where `gold` is empty, or where nothing is left
// of any of it; of the others, only those of which words are left count.
AnswerAgreement agree_with_any_or_none(std::string_view answer, std::span<const std::string> gold, AnswerRules rules);

// The answer to one question, judged before it is decided whether to give it.
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
