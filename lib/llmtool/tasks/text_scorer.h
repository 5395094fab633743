#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/data/embedding_limits.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/models/model.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// What a model that scores texts says about some of them.
struct ScoredTexts {
  ScoreTable scores;                     // [texts, outputs]
  std::vector<std::int64_t> num_tokens;  // special tokens included, after truncation
  std::vector<bool> truncated;
};

// A model that scores whole texts, loaded from a folder, ours or Hugging Face's; what the scores mean is the task's.
// Immutable: const members may be called from several threads at once.
class TextScorer {
 public:
  // Throws ModelError: a file is missing or damaged, the model has no head of this kind, max_length is beyond its
  // positions.
  static TextScorer load(const std::filesystem::path& directory, const SessionOptions& options = {});

  // The scores of a text depend on it alone. Throws DataError naming the text (from 1) that the tokenizer refuses.
  ScoredTexts score(std::span<const TextInput> texts) const;

  std::int64_t num_outputs() const { return static_cast<std::int64_t>(names_.size()); }
  // Of the outputs, as the model's id2label has them.
  const std::vector<std::string>& names() const { return names_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const TokenizerOptions& tokenizer_options() const { return tokenizer_options_; }
  const EmbeddingLimits& limits() const { return limits_; }
  // Tokens at which texts are cut, and where that was found, for the log.
  std::int64_t max_length() const { return tokenizer_options_.max_length.value(); }
  const std::string& max_length_source() const { return max_length_source_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const { return limits_.warnings(tokenizer_); }
  const ScoringOptions& scoring_options() const { return scoring_; }
  // In evaluation mode on the session's device.
  const std::shared_ptr<Model>& model() const { return model_; }

 private:
  TextScorer(std::shared_ptr<Model> model, Tokenizer tokenizer);

  std::shared_ptr<Model> model_;
  std::vector<std::string> names_;
  Tokenizer tokenizer_;
  TokenizerOptions tokenizer_options_;
  std::string max_length_source_;
  EmbeddingLimits limits_;
  ScoringOptions scoring_;
};

// The values that the scores of a text stand for; throws NonFiniteError for scores that are no numbers.
using ReadScores = std::function<std::vector<Json>(std::span<const float>)>;

// Says about every text what `read` makes of its scores, a value for each of `value_names`.
std::unique_ptr<TextPredictor> make_score_predictor(TextScorer scorer, std::vector<std::string> value_names,
                                                    ReadScores read);

// {"name": value, …} in the order of the names.
Json values_by_name(const std::vector<std::string>& names, std::span<const double> values);

}  // namespace llmtool
