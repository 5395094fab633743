#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/data/tag_scheme.h"
#include "llmtool/data/tagged_sentences.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// In config.json: the scheme of the labels, which they do not always tell themselves.
inline constexpr const char* kTagSchemeKey = "tag_scheme";

// How tagged words are read. The fields are named as in section `data` of the run config.
struct TokenClassificationDataOptions {
  std::optional<TagScheme> tag_scheme;
  IllegalTags illegal_tags = IllegalTags::kKeep;
  bool label_all_pieces = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit(
        "tag_scheme", self.tag_scheme,
        "Token classification: scheme of the tags that the model learns; files of another one are converted, for each "
        "is recognised. Unset: that of the training file.");
    visit(
        "illegal_tags", self.illegal_tags,
        "Token classification: what becomes of tags that break their scheme: keep (they are counted), repair, error.");
    visit("label_all_pieces", self.label_all_pieces,
          "Token classification: every piece of a word is trained, with I- behind the first of a B-; else the first "
          "alone.");
  }
};

// How it is judged. The fields are named as in section `evaluation` of the run config.
struct TokenClassificationEvaluationOptions {
  bool viterbi = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit(
        "viterbi", self.viterbi,
        "Token classification: judge the best sequence of tags that is legal in their scheme, instead of the best tag "
        "of every word.");
  }
};

// The same on the command line of `llmtool eval`.
struct TokenClassificationEvalOptions {
  bool viterbi = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("viterbi", self.viterbi,
          "Of every sentence the best sequence of tags that is legal in their scheme, instead of the best tag of every "
          "word",
          OptionForm{.group = "Token classification"});
  }
};

// How tokens become entities, as in Hugging Face's pipeline. kSimple: tokens next to each other with the same tag. The
// others first make one tag a word: that of its first token, of the mean over its tokens, of the surest of them.
enum class Aggregation { kSimple, kFirst, kAverage, kMax };

template <>
struct EnumNames<Aggregation> {
  static constexpr std::array kNames{std::pair{Aggregation::kSimple, std::string_view("simple")},
                                     std::pair{Aggregation::kFirst, std::string_view("first")},
                                     std::pair{Aggregation::kAverage, std::string_view("average")},
                                     std::pair{Aggregation::kMax, std::string_view("max")}};
};

// On the command line of `llmtool predict`.
struct TokenClassificationPredictOptions {
  std::optional<Aggregation> aggregation;  // unset: kFirst
  bool viterbi = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    constexpr const char* kGroup = "Token classification";
    visit("aggregation", self.aggregation,
          "How tokens become entities: simple, or by words: first, average, max (default: first)",
          OptionForm{.value = "HOW", .group = kGroup});
    visit("viterbi", self.viterbi, "The best sequence of tags that is legal in their scheme",
          OptionForm{.group = kGroup});
  }
};

TaskRow token_classification_row();

}  // namespace llmtool
