#pragma once

#include <filesystem>
#include <string>

#include "llmtool/core/json.h"

namespace llmtool {

// A tokenizer as its files describe it.
struct TokenizerFiles {
  std::string source;       // the file errors point at
  Json document;            // tokenizer.json, or what it would be for a vocab.txt
  Json config;              // tokenizer_config.json; an empty object when there is none
  Json special_tokens_map;  // special_tokens_map.json; an empty object when there is none
};

// Reads tokenizer.json, else vocab.json and merges.txt of GPT-2 or RoBERTa, else vocab.txt of BERT, else the
// SentencePiece file of XLM-R, ALBERT or DeBERTa, with the settings of tokenizer_config.json. Throws ModelError.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& directory);

// A setting of tokenizer_config.json, whose path is `file`; throws ModelError when it is neither true nor false.
bool config_flag(const Json& config, const char* key, bool fallback, const std::string& file);

// Text of a token in tokenizer_config.json or special_tokens_map.json ("[CLS]" or {"content": "[CLS]", …}), which win
// in that order, else `fallback`.
std::string special_token_name(const TokenizerFiles& files, const std::string& key, const std::string& fallback);

}  // namespace llmtool
