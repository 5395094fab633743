#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/data/embedding_limits.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// A token that may stand where a text has the mask token.
struct Filler {
  std::int32_t id = 0;
  std::string token;
  double probability = 0.0;
};

struct FilledMasks {
  std::vector<std::vector<Filler>> masks;  // for each mask of the text, the most probable first
  std::int64_t num_tokens = 0;             // special tokens included, after truncation
  bool truncated = false;
};

// A masked language model loaded from a folder, ours or Hugging Face's, that fills in mask tokens. Immutable: const
// members may be called from several threads at once.
class FillMaskSession {
 public:
  // Throws ModelError: a file is missing or damaged, the model has no masked-LM head, the tokenizer no mask token.
  static FillMaskSession load(const std::filesystem::path& directory, const SessionOptions& options);

  // For every mask of every text its `top_k` most probable tokens. Throws DataError naming the text (from 1) that the
  // tokenizer refuses or that has no mask token (any more, after truncation), NonFiniteError when the model returns NaN
  // or infinity.
  std::vector<FilledMasks> fill(std::span<const TextInput> texts, std::int64_t top_k) const;

  const std::string& mask_token() const { return mask_token_; }
  std::int64_t max_length() const { return *tokenizer_options_.max_length; }
  const std::string& max_length_source() const { return max_length_source_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const { return limits_.warnings(tokenizer_); }

 private:
  FillMaskSession(std::shared_ptr<Model> model, Tokenizer tokenizer);

  void fill_batch(const EncodedDataset& dataset, std::span<const std::int64_t> batch, std::int64_t top_k,
                  std::vector<FilledMasks>& results) const;
  Filler filler(std::int32_t id, double probability) const;

  std::shared_ptr<Model> model_;
  Tokenizer tokenizer_;
  std::string mask_token_;
  TokenizerOptions tokenizer_options_;
  std::string max_length_source_;
  EmbeddingLimits limits_;
  ScoringOptions scoring_;
  c10::Device device_ = c10::Device(c10::DeviceType::CPU);
};

// Of options with fill_mask.
std::unique_ptr<TextPredictor> make_filler_predictor(const PredictorOptions& options);

}  // namespace llmtool
