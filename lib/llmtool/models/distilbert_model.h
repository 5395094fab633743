#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/distilbert_config.h"
#include "llmtool/models/model.h"
#include "llmtool/nn/encoder.h"
#include "llmtool/nn/text_embeddings.h"

namespace llmtool {

// DistilBERT (Sanh et al., 2019) as Hugging Face's DistilBertModel: BERT's encoder without segment types and pooler.
class DistilBertModel : public TextModel {
 public:
  DistilBertModel(const DistilBertConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input) const override;
  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::string_view base_prefix() const override { return "distilbert."; }
  std::vector<std::string> head_prefixes() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  DistilBertConfig config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
};

}  // namespace llmtool
