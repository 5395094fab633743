#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// What is put on a body. kPretraining is a masked-LM head with one for sentence pairs (BERT's next-sentence, ALBERT's
// sentence-order prediction).
enum class HeadKind { kNone, kSequenceClassification, kMaskedLm, kPretraining, kCausalLm };

template <>
struct EnumNames<HeadKind> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{HeadKind::kNone, Name("none")},
                                     std::pair{HeadKind::kSequenceClassification, Name("sequence_classification")},
                                     std::pair{HeadKind::kMaskedLm, Name("masked_lm")},
                                     std::pair{HeadKind::kPretraining, Name("pretraining")},
                                     std::pair{HeadKind::kCausalLm, Name("causal_lm")}};
};

}  // namespace llmtool
