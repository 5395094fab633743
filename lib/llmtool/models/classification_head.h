#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/models/scoring_layers.h"

namespace llmtool {

// Scores sequences: a summary of each, and layers that score it. What each family puts there differs only in the
// options.
class ClassificationHead : public Head {
 public:
  ClassificationHead(const ClassificationHeadOptions& options, const TextBody& body, at::Device device);

  // [sequences, num_labels] from what the body made of `input`
  at::Tensor forward(const ModelOutput& output, const ModelInput& input) const;
  std::vector<WeightRow> weight_rows() const override { return layers_->weight_rows(); }
  bool reads_first_tokens_only() const override;
  // Has need of one when it reads the last token.
  bool set_missing_padding_id(std::int64_t id) override;
  void reorder_labels(const at::Tensor& order) override { layers_->reorder_labels(order); }

 private:
  at::Tensor summarize(const ModelOutput& output, const ModelInput& input) const;
  at::Tensor last_rows(const ModelInput& input) const;

  ClassificationHeadOptions options_;
  std::shared_ptr<ScoringLayers> layers_;
};

// Scores of the labels, [sequences, num_labels], of a model with such a head.
at::Tensor classification_logits(const Model& model, const ModelInput& input);

}  // namespace llmtool
