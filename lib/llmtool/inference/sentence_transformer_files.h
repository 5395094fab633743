#pragma once

#include <cstdint>
#include <filesystem>

#include "llmtool/core/json.h"
#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// What is written about how texts become vectors.
struct SentenceTransformerFiles {
  Pooling pooling = Pooling::kMean;
  bool include_prompt = true;
  bool normalize = true;
  std::int64_t hidden_size = 0;
  std::int64_t max_length = 0;
  Json settings;  // config_sentence_transformers.json, taken along; null for none
};

// Writes the files that make sentence-transformers open a model folder and return the vectors `llmtool embed` does:
// modules.json, 1_Pooling/config.json, sentence_bert_config.json, config_sentence_transformers.json. Throws
// ResourceError.
void write_sentence_transformer_files(const std::filesystem::path& model_directory,
                                      const SentenceTransformerFiles& files);

}  // namespace llmtool
