#include "llmtool/models/sentence_pair_head.h"

#include <ATen/Functions.h>

namespace llmtool {

SentencePairHead::SentencePairHead(const SentencePairHeadOptions& options, const TextBody& /*body*/, at::Device device)
    : options_(options) {
  classifier_ = register_module("classifier", std::make_shared<Linear>(options.hidden_size, 2, device));
}

at::Tensor SentencePairHead::forward(const at::Tensor& pooled) const {
  return classifier_->forward(at::dropout(pooled, options_.dropout, is_training()));
}

std::vector<WeightRow> SentencePairHead::weight_rows() const {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, options_.name, classifier_->weight, classifier_->bias);
  return rows;
}

}  // namespace llmtool
