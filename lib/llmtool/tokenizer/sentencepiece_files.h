#pragma once

#include <filesystem>
#include <optional>

#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {

// The SentencePiece file of a folder: sentencepiece.bpe.model (XLM-R), spiece.model (ALBERT) or spm.model (DeBERTa).
std::optional<std::filesystem::path> find_sentencepiece_file(const std::filesystem::path& directory);

// Fills files.document with what transformers builds from the SentencePiece file files.source of XLM-R, ALBERT or
// DeBERTa, and files.config with the special tokens it takes when none are named. Which of them: tokenizer_class of
// tokenizer_config.json, else model_type of config.json. Throws ModelError.
void build_sentencepiece_document(TokenizerFiles& files, const std::filesystem::path& directory);

}  // namespace llmtool
