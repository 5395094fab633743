#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "llmtool/models/assembled_model.h"
#include "llmtool/nn/kernel_user.h"

namespace llmtool {

struct ClassifierOutput {
  at::Tensor logits;  // [sequences, num_labels]
  ModelOutput body;
};

// A body with a classification head. Dropout acts in train(), not in eval(), and draws from the global generator.
class SequenceClassifier : public AssembledModel, public KernelUser {
 public:
  SequenceClassifier(Json config, std::shared_ptr<TextModel> body, std::shared_ptr<ClassificationHead> head);

  // Unless hidden states or attentions are asked for, the body leaves out what the head does not read.
  ClassifierOutput forward(const ModelInput& input) const;

  // For a model that classifies by the last token and does not know its padding yet: transformers needs it to batch
  // texts. Does nothing otherwise.
  void set_missing_padding_id(std::int64_t id);

  const ClassificationHead& head() const { return *head_; }
  ClassificationHead& head() { return *head_; }
  std::vector<WeightRow> head_rows() const override { return head_->weight_rows(); }

 private:
  std::shared_ptr<ClassificationHead> head_;
};

}  // namespace llmtool
