#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "llmtool/models/head_options.h"
#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

// Turns vectors into scores: perhaps a dense layer, dropout, linear map. Heads that score sequences and heads that
// score tokens end in it.
class ScoringLayers : public torch::nn::Module {
 public:
  ScoringLayers(const ScoringLayersOptions& options, at::Device device);

  // [rows, hidden] -> [rows, num_outputs]
  at::Tensor forward(const at::Tensor& vectors) const;
  std::vector<WeightRow> weight_rows() const;
  // See Head.
  void reorder_labels(const at::Tensor& order);

 private:
  ScoringLayersOptions options_;
  std::shared_ptr<Linear> dense_;    // null without a dense layer
  std::shared_ptr<LayerNorm> norm_;  // null without one
  std::shared_ptr<Linear> classifier_;
};

}  // namespace llmtool
