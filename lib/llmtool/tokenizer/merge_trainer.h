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

}  // namespace llmtool
