#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

namespace llmtool {

// What to do with a row that has more tokens than max_length.
enum class OnOverlong { kTruncate, kError };

template <>
struct EnumNames<OnOverlong> {
  static constexpr std::array kNames{std::pair{OnOverlong::kTruncate, std::string_view("truncate")},
                                     std::pair{OnOverlong::kError, std::string_view("error")}};
};

// Which text of a pair loses tokens. kLongestFirst balances the two as the tokenizers library does.
enum class TruncationStrategy { kLongestFirst, kOnlyFirst, kOnlySecond };

template <>
struct EnumNames<TruncationStrategy> {
  static constexpr std::array kNames{std::pair{TruncationStrategy::kLongestFirst, std::string_view("longest_first")},
                                     std::pair{TruncationStrategy::kOnlyFirst, std::string_view("only_first")},
                                     std::pair{TruncationStrategy::kOnlySecond, std::string_view("only_second")}};
};

// The side on which tokens are dropped: kRight keeps the head of the text, kLeft its tail.
enum class TruncationSide { kRight, kLeft };

template <>
struct EnumNames<TruncationSide> {
  static constexpr std::array kNames{std::pair{TruncationSide::kRight, std::string_view("right")},
                                     std::pair{TruncationSide::kLeft, std::string_view("left")}};
};

// Section `tokenizer` of the run config.
struct TokenizerOptions {
  std::string from;
  bool allow_other = false;
  std::string add_tokens;
  // Special tokens included. Unset: what the model allows (resolved where the model is known).
  std::optional<std::int64_t> max_length;
  OnOverlong on_overlong = OnOverlong::kTruncate;
  TruncationStrategy truncation = TruncationStrategy::kLongestFirst;
  TruncationSide truncation_side = TruncationSide::kRight;
  std::optional<std::int64_t> stride;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("from", self.from, "Folder of the tokenizer; unset: the model's folder.", kPathText);
    visit("allow_other", self.allow_other,
          "Train on with a tokenizer other than the one that belongs to the model: the ids get new meanings.");
    visit("add_tokens", self.add_tokens,
          "File of words, one a line, that become tokens of their own; the embedding grows by rows that begin as the "
          "mean of the others.",
          kPathText);
    visit("max_length", self.max_length,
          "Most tokens of an example, special tokens included; unset: as many as the model has positions.",
          at_least(1));
    visit("on_overlong", self.on_overlong,
          "What to do with an example longer than max_length; the number is reported.");
    visit("truncation", self.truncation, "Which text of a pair loses tokens.");
    visit("truncation_side", self.truncation_side, "Side on which tokens are dropped: right keeps the beginning.");
    visit("stride", self.stride,
          "Tasks that read a long text in windows: tokens that two neighbouring windows share; unset: a third of "
          "max_length.",
          at_least(0));
  }
};

}  // namespace llmtool
