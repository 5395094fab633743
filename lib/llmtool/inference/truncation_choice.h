#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "llmtool/core/json_fwd.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/families.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// How the texts given to a saved model are cut; options.max_length is set.
struct TruncationChoice {
  TokenizerOptions options;
  std::string source;  // for the log: "tokenizer.json", "the model's 512 positions"
};

// A length that a file beside the tokenizer's asks for.
struct StatedLength {
  std::int64_t max_length;
  std::string source;  // the file
};

// The first of: `requested`; `stated`, at most the model's positions; the truncation section of tokenizer.json; the
// tokenizer section of llmtool.lock.json; model_max_length of tokenizer_config.json, at most the model's positions; the
// model's positions; instead of the last two `usual`, where it is less. The side is that of the two sections, else
// truncation_side of tokenizer_config.json; the stride that of llmtool.lock.json, unless another length is requested.
// Throws ModelError for `requested` or one of the two sections beyond the model's positions, for a length that leaves
// no room for text (UsageError: `requested`), and for files that are damaged.
TruncationChoice choose_truncation(const std::filesystem::path& model_directory, const Tokenizer& tokenizer,
                                   const ModelDimensions& dimensions, std::optional<std::int64_t> requested,
                                   const std::optional<StatedLength>& stated = std::nullopt,
                                   std::optional<std::int64_t> usual = std::nullopt);

// What the model of `model_config` can embed of what the tokenizer in `tokenizer_folder` makes. Whether that gives
// token types at all is decided as in transformers: by model_input_names and tokenizer_class of its
// tokenizer_config.json, else by the model's type; where these leave it open, a model of several types gets them.
// Throws ModelError for a damaged tokenizer_config.json.
EmbeddingLimits embedding_limits(const Tokenizer& tokenizer, const std::filesystem::path& tokenizer_folder,
                                 const ModelDimensions& dimensions, const Json& model_config);

}  // namespace llmtool
