#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/models/modernbert_config.h"
#include "llmtool/models/modernbert_layer.h"

namespace llmtool {

// ModernBERT (Warner et al., 2024) as Hugging Face's ModernBertModel: rotary positions, local and global attention in
// turn, gated perceptrons, few biases.
class ModernBertModel : public TextModel {
 public:
  ModernBertModel(const ModernBertConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input) const override;
  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::string_view base_prefix() const override { return "model."; }
  std::vector<std::string> head_prefixes() const override { return {"head.", "decoder.", "classifier."}; }
  // Both heads begin with the same layer.
  std::vector<std::string> shared_head_prefixes() const override { return {"head."}; }
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return word_; }

 private:
  // Of weights that add to the hidden states, relative to initializer_range.
  double output_scale() const;

  ModernBertConfig config_;
  std::shared_ptr<Embedding> word_;
  std::shared_ptr<LayerNorm> embedding_norm_;
  std::vector<std::shared_ptr<ModernBertLayer>> layers_;
  std::shared_ptr<LayerNorm> last_norm_;
};

}  // namespace llmtool
