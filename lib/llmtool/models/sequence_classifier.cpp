#include "llmtool/models/sequence_classifier.h"

namespace llmtool {

SequenceClassifier::SequenceClassifier(Json config, std::shared_ptr<TextModel> body,
                                       std::shared_ptr<ClassificationHead> head)
    : AssembledModel(std::move(config), HeadKind::kSequenceClassification, std::move(body)), head_(std::move(head)) {
  register_module("head", head_);
}

void SequenceClassifier::set_missing_padding_id(std::int64_t id) {
  if (head_->set_missing_padding_id(id)) set_config("pad_token_id", id);
}

ClassifierOutput SequenceClassifier::forward(const ModelInput& input) const {
  ModelInput needed = input;
  needed.first_tokens_only =
      uses_kernels() && head_->reads_first_tokens_only() && !input.return_hidden_states && !input.return_attentions;
  ModelOutput output = body().forward(needed);
  at::Tensor logits = head_->forward(output, input.layout, input.input_ids);
  return {std::move(logits), std::move(output)};
}

}  // namespace llmtool
