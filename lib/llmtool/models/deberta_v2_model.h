#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/deberta_v2_config.h"
#include "llmtool/models/deberta_v2_layers.h"
#include "llmtool/models/model.h"

namespace llmtool {

// DeBERTa-v2 and -v3 (He et al., 2021) as Hugging Face's DebertaV2Model.
class DebertaV2Model : public TextModel {
 public:
  DebertaV2Model(const DebertaV2Config& config, at::Device device);

  ModelOutput forward(const ModelInput& input) const override;
  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::string_view base_prefix() const override { return "deberta."; }
  std::vector<std::string> optional_prefixes() const override;
  std::vector<std::string> head_prefixes() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  RelativePositions relative_positions(const SequenceLayout& layout) const;

  DebertaV2Config config_;
  std::shared_ptr<DebertaV2Embeddings> embeddings_;
  std::shared_ptr<Embedding> positions_;                    // null without relative attention
  std::shared_ptr<LayerNorm> positions_norm_;               // null without one
  std::shared_ptr<DebertaV2ConvolutionLayer> convolution_;  // null without one
  std::vector<std::shared_ptr<DebertaV2Layer>> layers_;
};

}  // namespace llmtool
