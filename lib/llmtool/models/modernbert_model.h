#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/modernbert_family.h"
#include "llmtool/models/modernbert_layer.h"

namespace llmtool {

// ModernBERT (Warner et al., 2024) as Hugging Face's ModernBertModel: rotary positions, local and global attention in
// turn, gated perceptrons, few biases.
class ModernBertModel : public TextBody {
 public:
  ModernBertModel(const ModernBertConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return word_; }

 private:
  ModernBertConfig config_;
  std::shared_ptr<Embedding> word_;
  std::shared_ptr<LayerNorm> embedding_norm_;
  std::vector<std::shared_ptr<ModernBertLayer>> layers_;
  std::shared_ptr<LayerNorm> last_norm_;
};

}  // namespace llmtool
