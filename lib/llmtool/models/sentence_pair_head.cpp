#include "llmtool/models/sentence_pair_head.h"

#include <ATen/Functions.h>

namespace llmtool {

SentencePairHead::SentencePairHead(std::string name, std::int64_t hidden_size, double dropout, at::Device device)
    : name_(std::move(name)), dropout_(dropout) {
  classifier_ = register_module("classifier", std::make_shared<Linear>(hidden_size, 2, device));
}

at::Tensor SentencePairHead::forward(const at::Tensor& pooled) const {
  return classifier_->forward(at::dropout(pooled, dropout_, is_training()));
}

std::vector<WeightRow> SentencePairHead::weight_rows() const {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, name_, classifier_->weight, classifier_->bias);
  return rows;
}

}  // namespace llmtool
