#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmtool/tokenizer/options.h"

namespace llmtool {

// Code points [begin, end) of the original text a token came from; {0, 0} for special tokens added around it.
struct Offset {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  friend bool operator==(const Offset&, const Offset&) = default;
};

// Result of Tokenizer::encode. All vectors have one element a token; offsets and sequence_ids are empty unless offsets
// were asked for.
struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;
  // As Hugging Face gives them: within the first or the second text, see sequence_ids.
  std::vector<Offset> offsets;
  // 0: from the first text, 1: from the second, -1: a special token added around them.
  std::vector<std::int32_t> sequence_ids;
  // By Tokenizer::encode_words alone: the word a token is of, -1 for a special token added around them.
  std::vector<std::int32_t> word_ids;
  bool truncated = false;
  // Special tokens included.
  std::int64_t num_tokens_before_truncation = 0;
};

// Tokens kept of each text.
struct KeptLengths {
  std::int64_t first;
  std::int64_t second;
};

// What stays of two texts (`second` unset: of one) when `room` tokens fit, as the tokenizers library divides it
// (utils/truncation.rs). Throws DataError when only_first or only_second alone cannot make it fit.
KeptLengths truncated_lengths(std::int64_t first, std::optional<std::int64_t> second, std::int64_t room,
                              TruncationStrategy strategy);

}  // namespace llmtool
