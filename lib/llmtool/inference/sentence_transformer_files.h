#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// How a model folder says its texts' vectors are made: 1_Pooling/config.json of the sentence-transformers library.
// Unset without that file. Throws ModelError when it is damaged or asks for what is neither cls nor mean.
std::optional<Pooling> stored_pooling(const std::filesystem::path& model_directory);

// Writes the files that make sentence-transformers open a model folder and return the vectors `llmtool embed` does:
// modules.json, 1_Pooling/config.json, sentence_bert_config.json. Throws ResourceError.
void write_sentence_transformer_files(const std::filesystem::path& model_directory, Pooling pooling,
                                      std::int64_t hidden_size, std::int64_t max_length);

}  // namespace llmtool
