#include "llmtool/models/sequence_classifier.h"

namespace llmtool {

SequenceClassifier::SequenceClassifier(Json config, std::shared_ptr<TextModel> body, std::shared_ptr<Head> head)
    : config_(std::move(config)), body_(std::move(body)), head_(std::move(head)) {
  register_module("body", body_);
  register_module("head", head_);
}

ClassifierOutput SequenceClassifier::forward(const ModelInput& input) const {
  ModelOutput output = body_->forward(input);
  at::Tensor logits = head_->forward(output, input.layout);
  return {std::move(logits), std::move(output)};
}

std::vector<WeightRow> SequenceClassifier::weight_rows() const {
  std::vector<WeightRow> rows = body_->weight_rows();
  for (WeightRow& row : rows) row.name.insert(0, body_->base_prefix());
  for (WeightRow& row : head_->weight_rows()) rows.push_back(std::move(row));
  return rows;
}

std::vector<NamedParameter> SequenceClassifier::trainable_parameters() const {
  std::vector<NamedParameter> parameters;
  for (const WeightRow& row : weight_rows()) parameters.push_back({row.name, row.tensor, row.is_decayed});
  return parameters;
}

}  // namespace llmtool
