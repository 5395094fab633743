#pragma once

#include <filesystem>

#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {

// Fills files.document with what transformers builds from the vocab.json and merges.txt of GPT-2 or RoBERTa, and
// files.config with the special tokens it takes when none are named. Which of the two: tokenizer_class of
// tokenizer_config.json, else model_type of config.json. Throws ModelError.
void build_byte_level_document(TokenizerFiles& files, const std::filesystem::path& directory);

}  // namespace llmtool
