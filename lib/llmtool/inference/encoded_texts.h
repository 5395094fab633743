#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/model.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// A text, or two for models of pairs, or the words of a text for models that read words. UTF-8.
struct TextInput {
  std::string_view text;  // "" beside words
  std::optional<std::string_view> pair;
  std::optional<std::span<const std::string>> words = {};
};

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

// Packs these features of the dataset's columns input_ids and token_type_ids behind each other, in the order given.
// Throws std::invalid_argument for no feature, and for one without tokens.
ModelInput make_model_input(const EncodedDataset& dataset, std::span<const std::int64_t> features, c10::Device device);

}  // namespace llmtool
