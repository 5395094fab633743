#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "llmtool/models/head_options.h"
#include "llmtool/models/model.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

// Scores sequences: summary, perhaps a dense layer, dropout, linear map. What each family puts there differs only in
// the options.
class ClassificationHead : public Head {
 public:
  ClassificationHead(const ClassificationHeadOptions& options, const TextBody& body, at::Device device);

  // [sequences, num_labels] from what the body made of `input`
  at::Tensor forward(const ModelOutput& output, const ModelInput& input) const;
  std::vector<WeightRow> weight_rows() const override;
  bool reads_first_tokens_only() const override;
  // Has need of one when it reads the last token.
  bool set_missing_padding_id(std::int64_t id) override;
  void reorder_labels(const at::Tensor& order) override;

 private:
  at::Tensor summarize(const ModelOutput& output, const ModelInput& input) const;
  at::Tensor last_rows(const ModelInput& input) const;

  ClassificationHeadOptions options_;
  std::shared_ptr<Linear> dense_;    // null without a dense layer
  std::shared_ptr<LayerNorm> norm_;  // null without one
  std::shared_ptr<Linear> classifier_;
};

// Scores of the labels, [sequences, num_labels], of a model with such a head.
at::Tensor classification_logits(const Model& model, const ModelInput& input);

}  // namespace llmtool
