#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// What is asked about two segments besides their hidden tokens: whether the second follows the first (BERT), or
// whether the two stand in their order (ALBERT, Lan et al., 2019).
enum class SentenceObjective { kNone, kNextSentence, kSentenceOrder };

template <>
struct EnumNames<SentenceObjective> {
  static constexpr std::array kNames{std::pair{SentenceObjective::kNone, std::string_view("none")},
                                     std::pair{SentenceObjective::kNextSentence, std::string_view("next_sentence")},
                                     std::pair{SentenceObjective::kSentenceOrder, std::string_view("sentence_order")}};
};

}  // namespace llmtool
