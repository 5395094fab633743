#include "llmtool/models/sequence_classifier.h"

namespace llmtool {

SequenceClassifier::SequenceClassifier(Json config, std::shared_ptr<TextModel> body,
                                       std::shared_ptr<ClassificationHead> head)
    : AssembledModel(std::move(config), HeadKind::kSequenceClassification, std::move(body)), head_(std::move(head)) {
  register_module("head", head_);
}

ClassifierOutput SequenceClassifier::forward(const ModelInput& input) const {
  ModelOutput output = body().forward(input);
  at::Tensor logits = head_->forward(output, input.layout);
  return {std::move(logits), std::move(output)};
}

}  // namespace llmtool
