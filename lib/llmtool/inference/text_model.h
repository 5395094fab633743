#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/models/model.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// A model that reads texts, loaded from a folder, ours or Hugging Face's, with all that its use depends on: tokenizer,
// length, limits, batches. What its head says is for the sessions that are made of it. Immutable: const members may be
// called from several threads at once.
class TextModel {
 public:
  // Throws ModelError: a file is missing or damaged, the model has no such head, max_length is beyond its positions.
  // `usual_length` is taken where nothing but the limits of model and tokenizer says a length, and these are larger.
  static TextModel load(const std::filesystem::path& directory, HeadKind head, const SessionOptions& options,
                        std::optional<std::int64_t> usual_length = std::nullopt);

  // In evaluation mode, on the device and in the precision of the options.
  const std::shared_ptr<Model>& model() const { return model_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  // With max_length, and the stride of windows.
  const TokenizerOptions& tokenizer_options() const { return tokenizer_options_; }
  const EmbeddingLimits& limits() const { return limits_; }
  std::int64_t max_length() const { return tokenizer_options_.max_length.value(); }
  // Where max_length was found, for the log.
  const std::string& max_length_source() const { return max_length_source_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const { return limits_.warnings(tokenizer_); }
  const ScoringOptions& scoring_options() const { return scoring_; }

 private:
  TextModel(std::shared_ptr<Model> model, Tokenizer tokenizer);

  std::shared_ptr<Model> model_;
  Tokenizer tokenizer_;
  TokenizerOptions tokenizer_options_;
  std::string max_length_source_;
  EmbeddingLimits limits_;
  ScoringOptions scoring_;
};

}  // namespace llmtool
