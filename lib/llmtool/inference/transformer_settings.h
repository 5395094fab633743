#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/inference/truncation_choice.h"

namespace llmtool {

// The file's name, and those it had for other families; the library takes the first of them that says anything.
inline constexpr std::array kTransformerSettingsFiles{
    "sentence_bert_config.json",      "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json",  "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json"};

// How the Transformer of sentence-transformers reads texts.
struct TransformerSettings {
  std::optional<StatedLength> max_length;
  bool lowercase = false;
  std::filesystem::path file;  // that says so; empty when none says anything
};

// Settings that change no vector (how attention is computed, lengths for what `encode` does not ask for) are passed
// over; throws ModelError naming any other that we do not obey.
TransformerSettings read_transformer_settings(const std::filesystem::path& folder);

// The keys of such a file that would change how texts are read, or be refused.
std::vector<std::string> consequential_transformer_settings(const Json& document, const std::string& file);

}  // namespace llmtool
