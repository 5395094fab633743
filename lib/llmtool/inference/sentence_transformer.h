#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/inference/module_list.h"
#include "llmtool/inference/sentence_settings.h"
#include "llmtool/inference/transformer_settings.h"
#include "llmtool/inference/vector_steps.h"
#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// What a model folder says about how texts become vectors.
struct SentenceTransformer {
  std::filesystem::path transformer;  // the folder of config.json, weights and tokenizer
  // Empty for a plain folder of transformers, without modules.json: of settings beside it only named prompts count
  // then, for the library reads none, and the steps are default_vector_steps().
  std::vector<ModuleRow> modules;
  TransformerSettings reading;
  SentenceSettings settings;
  VectorSteps steps;
  std::vector<std::string> warnings;  // of settings that count for nothing, a line for each file
};

// Throws ModelError naming what is damaged or not supported.
SentenceTransformer read_sentence_transformer(const std::filesystem::path& directory);

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
