#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/bert_like_model.h"

namespace llmtool {

// ELECTRA (Clark et al., 2020) as Hugging Face's ElectraModel, generator and discriminator alike: BERT without a
// pooler, with embeddings that may be smaller than hidden states.
class ElectraModel : public BertLikeModel {
 public:
  ElectraModel(const BertConfig& config, at::Device device);

  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::string_view base_prefix() const override { return "electra."; }
  std::vector<std::string> head_prefixes() const override;
};

}  // namespace llmtool
