#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/models/scoring_layers.h"

namespace llmtool {

// Scores every token: its labels, or how well an answer begins and how well it ends there.
class TokenHead : public Head {
 public:
  TokenHead(const TokenHeadOptions& options, const TextBody& body, at::Device device);

  // [tokens, hidden] -> [tokens, num_outputs]
  at::Tensor forward(const at::Tensor& hidden_states) const { return layers_->forward(hidden_states); }
  std::vector<WeightRow> weight_rows() const override { return layers_->weight_rows(); }
  void reorder_labels(const at::Tensor& order) override { layers_->reorder_labels(order); }

 private:
  std::shared_ptr<ScoringLayers> layers_;
};

// Scores of every token of the input, [tokens, num_outputs], of a model with such a head.
at::Tensor token_logits(const Model& model, const ModelInput& input);

}  // namespace llmtool
