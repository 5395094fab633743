#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/models/model.h"

namespace llmtool {

struct ClassifierOutput {
  at::Tensor logits;  // [sequences, num_labels]
  ModelOutput body;
};

// A body with a classification head. Dropout acts in train(), not in eval(), and draws from the global generator.
class SequenceClassifier : public torch::nn::Module {
 public:
  // `config` is the config.json it was made from and is saved with.
  SequenceClassifier(Json config, std::shared_ptr<TextModel> body, std::shared_ptr<Head> head);

  ClassifierOutput forward(const ModelInput& input) const;

  const Json& config() const { return config_; }
  const TextModel& body() const { return *body_; }
  const Head& head() const { return *head_; }
  Head& head() { return *head_; }
  ModelDimensions dimensions() const { return body_->dimensions(); }

  // All weights under the names they have in a saved model with this head, body first.
  std::vector<WeightRow> weight_rows() const;
  // The trainable leaves, in the order of weight_rows(). Tensors stay valid when the module moves to another device.
  std::vector<NamedParameter> trainable_parameters() const;

 private:
  Json config_;
  std::shared_ptr<TextModel> body_;
  std::shared_ptr<Head> head_;
};

}  // namespace llmtool
