#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/word_counts.h"

namespace llmtool {

struct MergeTraining {
  std::int64_t vocab_size = 30000;  // special tokens and characters included
  std::int64_t min_frequency = 2;   // of a pair, to be merged
  std::vector<std::string> special_tokens;
  std::u32string initial_alphabet;             // always part of the vocabulary
  std::optional<std::int64_t> limit_alphabet;  // most characters; the rarest are left out of the words
  std::string continuing_subword_prefix;       // before every token that does not begin a word
};

struct TrainedMerges {
  std::vector<std::string> tokens;  // in the order of their ids
  std::vector<std::pair<std::int32_t, std::int32_t>> merges;
};

// Byte-pair encoding as the tokenizers library trains it (models/bpe/trainer.rs). Ids: special tokens as given, then
// characters by code point, then continuing characters by code point, then a token a merge. The most frequent pair is
// merged; of equally frequent ones that with the lowest left id, then the lowest right id. Where the alphabet is
// limited, the lower of two equally frequent characters stays. The library numbers continuing characters by the order
// of a hash table, so that with a prefix its ties fall by chance. `report` hears the number of tokens now and then.
// Throws UsageError when vocab_size leaves no room for special tokens and characters.
TrainedMerges train_merges(const std::vector<CountedWord>& words, const MergeTraining& options,
                           const std::function<void(std::int64_t num_tokens)>& report = nullptr);

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
