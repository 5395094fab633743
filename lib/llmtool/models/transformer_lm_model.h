#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/transformer_lm_family.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/encoder.h"

namespace llmtool {

// A plain causal language model: word embedding times sqrt(d_model), positions, torch.nn.TransformerEncoder under its
// own tensor names below "encoder.", a decoder with bias.
class TransformerLmModel : public TextBody {
 public:
  TransformerLmModel(const TransformerLmConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  TransformerLmConfig config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<LayerNorm> last_norm_;  // null without one
};

}  // namespace llmtool
