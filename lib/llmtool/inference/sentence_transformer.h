#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "llmtool/inference/module_list.h"
#include "llmtool/inference/sentence_settings.h"
#include "llmtool/inference/transformer_settings.h"
#include "llmtool/inference/vector_steps.h"

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

}  // namespace llmtool
