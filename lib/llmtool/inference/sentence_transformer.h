#pragma once

#include <filesystem>
#include <vector>

#include "llmtool/inference/module_list.h"
#include "llmtool/inference/sentence_settings.h"
#include "llmtool/inference/transformer_settings.h"
#include "llmtool/inference/vector_steps.h"

namespace llmtool {

// What a model folder says about how texts become vectors.
struct SentenceTransformer {
  std::filesystem::path transformer;  // the folder of config.json, weights and tokenizer
  // Empty for a plain folder of transformers, without modules.json: settings beside it count for nothing then, as in
  // the library, and the steps are default_vector_steps().
  std::vector<ModuleRow> modules;
  TransformerSettings reading;
  SentenceSettings settings;
  VectorSteps steps;
};

// Throws ModelError naming what is damaged or not supported.
SentenceTransformer read_sentence_transformer(const std::filesystem::path& directory);

}  // namespace llmtool
