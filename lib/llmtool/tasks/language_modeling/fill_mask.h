#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/text_model.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"

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

// A masked language model that fills in mask tokens.
class FillMaskSession : public TextModel {
 public:
  // Throws as TextModel::load, and ModelError for a tokenizer without a mask token.
  static FillMaskSession load(const std::filesystem::path& directory, const SessionOptions& options);

  // For every mask of every text its `top_k` most probable tokens. Throws DataError naming the text (from 1) that the
  // tokenizer refuses or that has no mask token (any more, after truncation), NonFiniteError when the model returns NaN
  // or infinity.
  std::vector<FilledMasks> fill(std::span<const TextInput> texts, std::int64_t top_k) const;

  const std::string& mask_token() const { return mask_token_; }

 private:
  explicit FillMaskSession(TextModel model);

  void fill_batch(const EncodedDataset& dataset, std::span<const std::int64_t> batch, std::int64_t top_k,
                  std::vector<FilledMasks>& results) const;
  Filler filler(std::int32_t id, double probability) const;

  std::string mask_token_;
};

// Of options with fill_mask.
std::unique_ptr<TextPredictor> make_filler_predictor(const PredictorOptions& options);

}  // namespace llmtool
