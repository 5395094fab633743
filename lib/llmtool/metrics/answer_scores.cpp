#include "llmtool/metrics/answer_scores.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

using Words = std::vector<std::u32string>;

std::u32string decode(std::string_view text) {
  std::u32string characters;
  for (std::size_t position = 0; position < text.size();) characters += decode_utf8(text, position);
  return characters;
}

utf8proc_category_t category(char32_t character) { return utf8proc_category(static_cast<utf8proc_int32_t>(character)); }

bool is_in(char32_t character, char32_t first, char32_t last) { return first <= character && character <= last; }

// str.isspace() of Python.
bool is_space(char32_t character) {
  return is_in(character, 0x09, 0x0d) || is_in(character, 0x1c, 0x20) || character == 0x85 || character == 0xa0 ||
         character == 0x1680 || is_in(character, 0x2000, 0x200a) || character == 0x2028 || character == 0x2029 ||
         character == 0x202f || character == 0x205f || character == 0x3000;
}

// \w of Python's `re`: letters, numbers and the underscore. Unlike in other engines, marks are none.
bool is_word_character(char32_t character) {
  switch (category(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return character == U'_';
  }
}

bool is_ascii_punctuation(char32_t character) {
  return is_in(character, U'!', U'/') || is_in(character, U':', U'@') || is_in(character, U'[', U'`') ||
         is_in(character, U'{', U'~');
}

bool is_punctuation(char32_t character) {
  const auto kind = category(character);
  return is_ascii_punctuation(character) || (kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO);
}

// The property Cased (Unicode, section 3.13).
bool is_cased(char32_t character) {
  const auto kind = category(character);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT ||
         character == 0xaa || character == 0xba || is_in(character, 0x2160, 0x217f) ||
         is_in(character, 0x24b6, 0x24e9) || is_in(character, 0x1f130, 0x1f149) || is_in(character, 0x1f150, 0x1f169) ||
         is_in(character, 0x1f170, 0x1f189);
}

// Quotes, stops and colons that may stand within a word (Word_Break MidLetter, MidNumLet and Single_Quote).
constexpr std::u32string_view kWithinWords =
    U"\u0027\u002e\u003a\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

// The property Case_Ignorable: marks, modifiers, formats, and what may stand within a word.
bool is_case_ignorable(char32_t character) {
  switch (category(character)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return kWithinWords.find(character) != std::u32string_view::npos;
  }
}

// A capital sigma is final behind a letter and not before one (Unicode's condition Final_Sigma).
bool is_final_sigma(std::u32string_view text, std::size_t place) {
  std::size_t before = place;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t behind = place + 1;
  while (behind < text.size() && is_case_ignorable(text[behind])) ++behind;
  return behind == text.size() || !is_cased(text[behind]);
}

// str.lower() of Python.
std::u32string lower(std::u32string_view text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\u0130') {
      result += U"i\u0307";
    } else if (text[i] == U'\u03a3') {
      result += is_final_sigma(text, i) ? U'\u03c2' : U'\u03c3';
    } else {
      result += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i])));
    }
  }
  return result;
}

std::vector<std::u32string_view> articles(AnswerRules rules) {
  switch (rules) {
    case AnswerRules::kSquad:
    case AnswerRules::kEnglish:
      return {U"a", U"an", U"the"};
    case AnswerRules::kGerman:
      return {U"ein", U"eine", U"einen", U"einem", U"eines", U"einer", U"der", U"die", U"das", U"den", U"dem", U"des"};
    case AnswerRules::kSpanish:
      return {U"un", U"una", U"unos", U"unas", U"el", U"la", U"los", U"las"};
    case AnswerRules::kVietnamese:
      return {U"của", U"là", U"cái", U"chiếc", U"những"};
    default:
      return {};
  }
}

// Puts a space for every run of word characters that is an article.
std::u32string without_articles(std::u32string_view text, const std::vector<std::u32string_view>& articles) {
  std::u32string result;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && is_word_character(text[end])) ++end;
    const std::u32string_view word = text.substr(begin, end - begin);
    if (word.empty()) {
      result += text[begin++];
    } else {
      result += std::ranges::find(articles, word) == articles.end() ? word : U" ";
      begin = end;
    }
  }
  return result;
}

// The Arabic article is written together with its noun; MLQA's script takes it out wherever the two letters stand.
std::u32string without_arabic_articles(std::u32string text) {
  constexpr std::u32string_view kArticle = U"ال";
  for (std::size_t place = text.find(kArticle); place != std::u32string::npos; place = text.find(kArticle, place + 1))
    text.replace(place, kArticle.size(), U" ");
  return text;
}

Words split(std::u32string_view text, bool sets_characters_apart) {
  Words words;
  bool is_open = false;  // the last word may grow
  for (const char32_t character : text) {
    const bool is_apart = sets_characters_apart && is_in(character, 0x4e00, 0x9fa5);
    if (is_space(character)) {
      is_open = false;
    } else if (is_open && !is_apart) {
      words.back() += character;
    } else {
      words.emplace_back(1, character);
      is_open = !is_apart;
    }
  }
  return words;
}

AnswerAgreement agreement(const Words& answer, const Words& gold) {
  std::map<std::u32string_view, std::int64_t> counts;
  for (const std::u32string& word : gold) ++counts[word];
  std::int64_t num_common = 0;
  for (const std::u32string& word : answer) {
    const auto found = counts.find(word);
    if (found != counts.end() && found->second-- > 0) ++num_common;
  }
  AnswerAgreement result{answer == gold ? 1.0 : 0.0, 0.0};
  if (num_common == 0) return result;
  const double precision = static_cast<double>(num_common) / static_cast<double>(answer.size());
  const double recall = static_cast<double>(num_common) / static_cast<double>(gold.size());
  result.f1 = 2.0 * precision * recall / (precision + recall);
  return result;
}

AnswerAgreement best_agreement(const Words& answer, const std::vector<Words>& gold) {
  AnswerAgreement best;
  for (const Words& words : gold) {
    const AnswerAgreement found = agreement(answer, words);
    best.exact = std::max(best.exact, found.exact);
    best.f1 = std::max(best.f1, found.f1);
  }
  return best;
}

std::vector<Words> words_of_all(std::span<const std::string> texts, AnswerRules rules) {
  std::vector<Words> words;
  for (const std::string& text : texts) words.push_back(answer_words(text, rules));
  return words;
}

}  // namespace

std::vector<std::u32string> answer_words(std::string_view text, AnswerRules rules) {
  std::u32string characters = lower(decode(text));
  std::erase_if(characters, rules == AnswerRules::kSquad ? is_ascii_punctuation : is_punctuation);
  characters = rules == AnswerRules::kArabic ? without_arabic_articles(std::move(characters))
                                             : without_articles(characters, articles(rules));
  return split(characters, rules == AnswerRules::kChinese);
}

AnswerAgreement agree_with_any(std::string_view answer, std::span<const std::string> gold, AnswerRules rules) {
  return best_agreement(answer_words(answer, rules), words_of_all(gold, rules));
}

AnswerAgreement agree_with_any_or_none(std::string_view answer, std::span<const std::string> gold, AnswerRules rules) {
  std::vector<Words> right = words_of_all(gold, rules);
  std::erase_if(right, [](const Words& words) { return words.empty(); });
  const Words words = answer_words(answer, rules);
  if (right.empty() || words.empty())
    return words.empty() && right.empty() ? AnswerAgreement{1.0, 1.0} : AnswerAgreement{};
  return best_agreement(words, right);
}

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
