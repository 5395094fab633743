#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/bert_config.h"
#include "llmtool/models/head_kind.h"
#include "llmtool/models/model.h"
#include "llmtool/nn/encoder.h"
#include "llmtool/nn/text_embeddings.h"

namespace llmtool {

// BERT (Devlin et al., 2018) as Hugging Face's BertModel: embeddings, encoder, pooler (tanh of a linear map of the
// first token).
class BertModel : public TextModel {
 public:
  // With a pooler where `head` uses one.
  BertModel(const BertConfig& config, HeadKind head, at::Device device);

  ModelOutput forward(const ModelInput& input) const override;
  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::shared_ptr<SentencePairHead> make_sentence_pair_head(at::Device device) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::string_view base_prefix() const override { return "bert."; }
  std::vector<std::string> optional_prefixes() const override { return {"pooler."}; }
  std::vector<std::string> head_prefixes() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  BertConfig config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Linear> pooler_;  // null where the head has no use for it
};

}  // namespace llmtool
