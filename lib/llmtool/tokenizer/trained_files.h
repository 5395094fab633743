#pragma once

#include <filesystem>

#include "llmtool/tokenizer/merge_trainer.h"
#include "llmtool/tokenizer/tokenizer_training.h"

namespace llmtool {

// Special tokens that every trained tokenizer of the kind has, in the order of their ids.
std::vector<std::string> usual_special_tokens(TrainedKind kind);

// Writes what training gave as a tokenizer that Hugging Face and llmtool open. `special_tokens` are all of them.
// Throws ResourceError.
void write_trained_files(const TokenizerTraining& training, const std::vector<std::string>& special_tokens,
                         const TrainedMerges& trained, const std::filesystem::path& directory);

// The same of a SentencePiece model, whose special pieces are ALBERT's.
void write_unigram_files(const TokenizerTraining& training, const std::string& model,
                         const std::filesystem::path& directory);

}  // namespace llmtool
