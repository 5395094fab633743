#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/bert_like_model.h"
#include "llmtool/models/head_kind.h"

namespace llmtool {

// BERT (Devlin et al., 2018) as Hugging Face's BertModel.
class BertModel : public BertLikeModel {
 public:
  // With a pooler where `head` uses one.
  BertModel(const BertConfig& config, HeadKind head, at::Device device);

  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::shared_ptr<SentencePairHead> make_sentence_pair_head(at::Device device) const override;
  std::string_view base_prefix() const override { return "bert."; }
  std::vector<std::string> head_prefixes() const override;
};

}  // namespace llmtool
