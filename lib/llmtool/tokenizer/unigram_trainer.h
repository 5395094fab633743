#pragma once

#include <cstdint>
#include <string>

#include "llmtool/tokenizer/word_counts.h"

namespace llmtool {

struct UnigramTraining {
  std::int64_t vocab_size = 30000;  // special tokens and characters included
  bool lowercase = false;           // case is folded
};

struct TrainedUnigram {
  std::string model;  // content of a SentencePiece `.model` file
  std::int64_t num_texts = 0;
  std::int64_t num_bytes = 0;
  std::int64_t num_overlong = 0;  // texts longer than kLongestUnigramText, left out
};

// In bytes.
inline constexpr std::size_t kLongestUnigramText = std::size_t{1} << 20;

// Trains with the SentencePiece library, which holds all texts in memory; special pieces stand as in ALBERT's models:
// <pad>, <unk>, [CLS], [SEP], [MASK]. The same model from the same texts. Throws UsageError with the library's reason
// (a vocabulary too small for the characters), DataError when there are no texts.
TrainedUnigram train_unigram(const UnigramTraining& training, const NextText& next_text, EventSink& events);

}  // namespace llmtool
