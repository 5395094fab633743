#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"

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

// What is left of an answer: words in UTF-32. Letters, lower case and white space are those of Python's `re` and `str`.
// `text` must be well-formed UTF-8.
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

}  // namespace llmtool
