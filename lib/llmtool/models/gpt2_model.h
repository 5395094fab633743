#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/gpt2_family.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/encoder.h"

namespace llmtool {

// GPT-2 (Radford et al., 2019) as Hugging Face's GPT2Model: word and position embeddings, causal pre-norm layers, a
// last LayerNorm.
class Gpt2Model : public TextBody {
 public:
  Gpt2Model(const Gpt2Config& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  Gpt2Config config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> layers_;
  std::shared_ptr<LayerNorm> last_norm_;
};

}  // namespace llmtool
