#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/bert_like_model.h"
#include "llmtool/models/head_kind.h"

namespace llmtool {

// RoBERTa (Liu et al., 2019) as Hugging Face's RobertaModel, and XLM-RoBERTa, which is the same model: BERT with
// positions that count from the padding id, and heads of its own.
class RobertaModel : public BertLikeModel {
 public:
  // With a pooler when there is no head; no head uses it.
  RobertaModel(const BertConfig& config, HeadKind head, at::Device device);

  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::string_view base_prefix() const override { return "roberta."; }
  std::vector<std::string> head_prefixes() const override { return {"classifier.", "lm_head.", "qa_outputs."}; }
};

}  // namespace llmtool
