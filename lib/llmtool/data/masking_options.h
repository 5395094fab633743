#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

namespace llmtool {

// What is hidden together: single tokens (BERT), all tokens of a word, or runs of words (SpanBERT, Joshi et al., 2020).
enum class MaskUnit { kToken, kWord, kSpan };

template <>
struct EnumNames<MaskUnit> {
  static constexpr std::array kNames{std::pair{MaskUnit::kToken, std::string_view("token")},
                                     std::pair{MaskUnit::kWord, std::string_view("word")},
                                     std::pair{MaskUnit::kSpan, std::string_view("span")}};
};

// Section `training.masking` of a run config for masked language models.
struct MaskingOptions {
  double probability = 0.15;
  MaskUnit unit = MaskUnit::kToken;
  double mask_share = 0.8;
  double random_share = 0.1;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("probability", self.probability, "Share of tokens to predict.", in_range(1e-6, 1.0));
    visit("unit", self.unit,
          "What is chosen together: token, word (all its tokens), or span (runs of words, as SpanBERT).");
    visit("mask_share", self.mask_share, "Share of the chosen tokens that are replaced by the mask token.",
          in_range(0.0, 1.0));
    visit("random_share", self.random_share,
          "Share of the chosen tokens that are replaced by a random token; what remains is left as it is.",
          in_range(0.0, 1.0));
  }
  // The two shares are at most 1 together.
  void check(FieldErrors& errors) const;
};

}  // namespace llmtool
