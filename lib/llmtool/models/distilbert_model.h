#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/distilbert_family.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/encoder.h"

namespace llmtool {

// DistilBERT (Sanh et al., 2019) as Hugging Face's DistilBertModel: BERT's encoder without segment types and pooler.
class DistilBertModel : public TextBody {
 public:
  DistilBertModel(const DistilBertConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  DistilBertConfig config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
};

}  // namespace llmtool
