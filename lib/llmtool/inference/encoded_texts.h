#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "llmtool/data/embedding_limits.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/text_input.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// The token ids of texts, as the dataset's columns kInputIds and kTokenTypeIds, and beside them which texts were cut.
struct EncodedTexts {
  EncodedDataset dataset;
  std::vector<bool> truncated;

  std::int64_t num_tokens(std::int64_t index) const;
};

// Throws DataError naming the text (from 1) that the tokenizer refuses or that has a token beyond `limits`, ModelError
// for token types beyond them.
EncodedTexts encode_texts(const Tokenizer& tokenizer, const TokenizerOptions& options, std::span<const TextInput> texts,
                          const EmbeddingLimits& limits);

}  // namespace llmtool
