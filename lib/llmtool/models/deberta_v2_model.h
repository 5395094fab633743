#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/deberta_v2_family.h"
#include "llmtool/models/deberta_v2_layers.h"

namespace llmtool {

// DeBERTa-v2 and -v3 (He et al., 2021) as Hugging Face's DebertaV2Model.
class DebertaV2Model : public TextBody {
 public:
  DebertaV2Model(const DebertaV2Config& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::vector<std::string> optional_prefixes() const override;
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
