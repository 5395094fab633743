#pragma once

#include <filesystem>

#include "llmtool/core/json_fwd.h"
#include "llmtool/data/embedding_limits.h"
#include "llmtool/models/families.h"

namespace llmtool {

// What the model of `model_config` can embed of what the tokenizer in `tokenizer_folder` makes. Whether that gives
// token types at all is decided as in transformers: by model_input_names and tokenizer_class of its
// tokenizer_config.json, else by the model's type; where these leave it open, a model of several types gets them.
// Throws ModelError for a damaged tokenizer_config.json.
EmbeddingLimits embedding_limits(const Tokenizer& tokenizer, const std::filesystem::path& tokenizer_folder,
                                 const ModelDimensions& dimensions, const Json& model_config);

}  // namespace llmtool
