#pragma once

#include <cstdint>
#include <span>
#include <vector>

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

// Throws DataError naming the text (from 1) that the tokenizer refuses.
EncodedTexts encode_texts(const Tokenizer& tokenizer, const TokenizerOptions& options,
                          std::span<const TextInput> texts);

}  // namespace llmtool
