#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/embedding_options.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/sentence_transformer.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/models/model.h"
#include "llmtool/nn/pooling.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

struct TextEmbedding {
  std::vector<float> values;    // [width]
  std::int64_t num_tokens = 0;  // prompt and special tokens included, after truncation
  bool truncated = false;
};

// An encoder loaded from a folder, ours or Hugging Face's, that turns texts into vectors; heads are left out. A folder
// of the sentence-transformers library gives the vectors it gives there. Immutable: const members may be called from
// several threads at once.
class EmbeddingSession {
 public:
  // Throws ModelError: a file is missing or damaged, the family, a module or a setting is not supported,
  // max_length is beyond the positions. UsageError for an unknown prompt_name.
  static EmbeddingSession load(const std::filesystem::path& directory, const SessionOptions& options,
                               const EmbeddingOptions& embedding_options);

  // One vector per text, in their order; it depends on the text alone. Throws DataError naming the text (from 1) that
  // the tokenizer refuses or of which nothing is left beside the prompt, NonFiniteError when the model returns NaN or
  // infinity.
  std::vector<TextEmbedding> embed(std::span<const TextInput> texts) const;

  // Numbers of a vector.
  std::int64_t width() const { return width_; }
  std::int64_t max_length() const { return *tokenizer_options_.max_length; }
  // What is put before every text.
  const std::string& prompt() const { return prompt_; }
  // Where max_length was found, for the log.
  const std::string& max_length_source() const { return max_length_source_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const;

 private:
  EmbeddingSession(std::shared_ptr<Model> model, Tokenizer tokenizer, VectorSteps steps);

  void set_prompt(std::string prompt);
  at::Tensor vectors_of(const ModelInput& input) const;

  std::shared_ptr<Model> model_;
  Tokenizer tokenizer_;
  VectorSteps steps_;
  TokenizerOptions tokenizer_options_;
  std::string max_length_source_;
  EmbeddingLimits limits_;
  std::vector<std::string> warnings_;  // of the folder's settings
  std::string prompt_;
  std::int64_t prompt_length_ = 0;  // tokens at the beginning that are left out of the pooling
  bool normalizes_at_end_ = false;  // besides what the steps do
  ScoringOptions scoring_;
  c10::Device device_ = c10::Device(c10::DeviceType::CPU);
  std::int64_t width_ = 0;
};

}  // namespace llmtool
