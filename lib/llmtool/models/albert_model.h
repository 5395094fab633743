#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/albert_config.h"
#include "llmtool/models/bert_like_model.h"
#include "llmtool/models/head_kind.h"

namespace llmtool {

// ALBERT (Lan et al., 2020) as Hugging Face's AlbertModel: small embeddings, layers that share their weights.
class AlbertModel : public BertLikeModel {
 public:
  // With a pooler where `head` uses one.
  AlbertModel(const AlbertConfig& config, HeadKind head, at::Device device);

  std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                               at::Device device) const override;
  std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const override;
  std::shared_ptr<SentencePairHead> make_sentence_pair_head(at::Device device) const override;
  std::string_view base_prefix() const override { return "albert."; }
  std::vector<std::string> head_prefixes() const override;

 protected:
  void append_layer_rows(std::vector<WeightRow>& rows, std::size_t index, const EncoderLayer& layer) const override;

 private:
  std::size_t inner_group_num_;
};

}  // namespace llmtool
