#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/models/transformer_lm_config.h"
#include "llmtool/nn/encoder.h"
#include "llmtool/nn/text_embeddings.h"

namespace llmtool {

// A plain causal language model: word embedding times sqrt(d_model), positions, torch.nn.TransformerEncoder under its
// own tensor names below "encoder.", a decoder with bias.
class TransformerLmModel : public TextModel {
 public:
  TransformerLmModel(const TransformerLmConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input) const override;
  // A linear map of the last token's state, without bias and dropout.
  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::string_view base_prefix() const override { return ""; }
  std::vector<std::string> head_prefixes() const override { return {"decoder.", "score."}; }
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  TransformerLmConfig config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<LayerNorm> last_norm_;  // null without one
};

}  // namespace llmtool
