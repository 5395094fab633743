#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llmtool/inference/session_options.h"
#include "llmtool/inference/text_input.h"
#include "llmtool/models/text_encoder.h"
#include "llmtool/nn/pooling.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

struct EmbeddingOptions {
  std::optional<Pooling> pooling;  // unset: as the folder's 1_Pooling/config.json says, else mean
  bool normalize = true;           // to length 1, so that the dot product is the cosine
};

struct TextEmbedding {
  std::vector<float> values;    // [hidden]
  std::int64_t num_tokens = 0;  // special tokens included, after truncation
  bool truncated = false;
};

// An encoder loaded from a folder, ours or Hugging Face's, that turns texts into vectors; heads are left out.
// Immutable: const members may be called from several threads at once.
class EmbeddingSession {
 public:
  // Throws ModelError: a file is missing or damaged, the family is not supported, the tokenizer has more ids than the
  // embedding, max_length is beyond the positions.
  static EmbeddingSession load(const std::filesystem::path& directory, const SessionOptions& options,
                               const EmbeddingOptions& embedding_options);

  // One vector per text, in their order; it depends on the text alone. Throws DataError naming the text (from 1) that
  // the tokenizer refuses.
  std::vector<TextEmbedding> embed(std::span<const TextInput> texts) const;

  std::int64_t hidden_size() const { return hidden_size_; }
  std::int64_t max_length() const { return *tokenizer_options_.max_length; }
  Pooling pooling() const { return *options_.pooling; }
  // Where max_length was found, for the log.
  const std::string& max_length_source() const { return max_length_source_; }

 private:
  EmbeddingSession(std::shared_ptr<TextEncoder> model, Tokenizer tokenizer);

  std::shared_ptr<TextEncoder> model_;
  Tokenizer tokenizer_;
  TokenizerOptions tokenizer_options_;
  std::string max_length_source_;
  ScoringOptions scoring_;
  EmbeddingOptions options_;
  c10::Device device_ = c10::Device(c10::DeviceType::CPU);
  std::int64_t hidden_size_ = 0;
};

}  // namespace llmtool
