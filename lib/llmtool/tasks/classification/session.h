#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/data/embedding_limits.h"
#include "llmtool/data/label_set.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// What scores say about one example.
struct ClassPrediction {
  std::int64_t label = 0;             // the most probable, the lowest id of several
  std::vector<double> probabilities;  // softmax of the logits in double, by label id
};

// Throws NonFiniteError for NaN or infinite logits.
ClassPrediction predict_class(std::span<const float> logits);

struct Classification {
  std::int64_t label = 0;             // id of the most probable label, the lowest of several
  std::vector<double> probabilities;  // by label id
  std::vector<float> logits;          // by label id
  std::int64_t num_tokens = 0;        // special tokens included, after truncation
  bool truncated = false;
};

// A classification model loaded from a folder, ours or Hugging Face's. Immutable: const members may be called from
// several threads at once.
class ClassificationSession {
 public:
  // Throws ModelError: a file is missing or damaged, the model has no classification head or one for another problem,
  // max_length is beyond its positions.
  static ClassificationSession load(const std::filesystem::path& directory, const SessionOptions& options = {});

  // One result per text, in their order; it depends on the text alone. Throws DataError naming the text (from 1) that
  // the tokenizer refuses, NonFiniteError when the model returns NaN or infinity.
  std::vector<Classification> classify(std::span<const TextInput> texts) const;

  const LabelSet& labels() const { return labels_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const TokenizerOptions& tokenizer_options() const { return tokenizer_options_; }
  const EmbeddingLimits& limits() const { return limits_; }
  // Where max_length was found, for the log.
  const std::string& max_length_source() const { return max_length_source_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const { return limits_.warnings(tokenizer_); }
  const ScoringOptions& scoring_options() const { return scoring_; }
  // In evaluation mode on the session's device.
  const std::shared_ptr<Model>& model() const { return model_; }

 private:
  ClassificationSession(std::shared_ptr<Model> model, LabelSet labels, Tokenizer tokenizer);

  std::shared_ptr<Model> model_;
  LabelSet labels_;
  Tokenizer tokenizer_;
  TokenizerOptions tokenizer_options_;
  std::string max_length_source_;
  EmbeddingLimits limits_;
  ScoringOptions scoring_;
};

// {"name": probability, …} in the order of the ids.
Json scores_by_name(const LabelSet& labels, std::span<const double> probabilities);

std::unique_ptr<TextPredictor> make_label_predictor(const PredictorOptions& options);

}  // namespace llmtool
