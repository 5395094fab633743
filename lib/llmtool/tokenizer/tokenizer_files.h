#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "llmtool/core/json.h"

namespace llmtool {

// A tokenizer as its files describe it.
struct TokenizerFiles {
  std::filesystem::path directory;
  std::string source;       // the file errors point at
  Json document;            // tokenizer.json, or what it would be for a vocab.txt
  Json config;              // tokenizer_config.json; an empty object when there is none
  Json special_tokens_map;  // special_tokens_map.json; an empty object when there is none
  Json added_tokens;        // added_tokens.json; an empty object when there is none
  bool is_built = false;    // the document was made of other files than a tokenizer.json
};

// Reads tokenizer.json, else vocab.json and merges.txt of GPT-2 or RoBERTa, else vocab.txt of BERT, else the
// SentencePiece file of XLM-R, ALBERT or DeBERTa, with the settings of tokenizer_config.json. Throws ModelError.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& directory);

// A setting of tokenizer_config.json, whose path is `file`; throws ModelError when it is neither true nor false.
bool config_flag(const Json& config, const char* key, bool fallback, const std::string& file);

// Text of a token in special_tokens_map.json or tokenizer_config.json ("[CLS]" or {"content": "[CLS]", …}), which win
// in that order, or in the other where tokenizer_config.json has an added_tokens_decoder, as in transformers; else
// `fallback`.
std::string special_token_name(const TokenizerFiles& files, const std::string& key, const std::string& fallback);

// An entry of "added_tokens" for a token with a role, as the files set it.
Json special_token_entry(const TokenizerFiles& files, const std::string& key, const std::string& content,
                         std::size_t id);

// Fills files.document with what transformers builds from the vocab.json and merges.txt of GPT-2 or RoBERTa, and
// files.config with the special tokens it takes when none are named. Which of the two: tokenizer_class of
// tokenizer_config.json, else model_type of config.json. Throws ModelError.
void build_byte_level_document(TokenizerFiles& files, const std::filesystem::path& directory);

// The SentencePiece file of a folder: sentencepiece.bpe.model (XLM-R), spiece.model (ALBERT) or spm.model (DeBERTa).
std::optional<std::filesystem::path> find_sentencepiece_file(const std::filesystem::path& directory);

// Fills files.document with what transformers builds from the SentencePiece file files.source of XLM-R, ALBERT or
// DeBERTa, and files.config with the special tokens it takes when none are named. Which of them: tokenizer_class of
// tokenizer_config.json, else model_type of config.json. Throws ModelError.
void build_sentencepiece_document(TokenizerFiles& files, const std::filesystem::path& directory);

}  // namespace llmtool
