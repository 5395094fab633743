#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "llmtool/models/head_options.h"
#include "llmtool/models/model.h"
#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/layers.h"

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

// Scores sequences: a summary of each, and layers that score it. What each family puts there differs only in the
// options.
class ClassificationHead : public Head {
 public:
  ClassificationHead(const ClassificationHeadOptions& options, at::Device device);

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

// Scores every token: its labels, or how well an answer begins and how well it ends there.
class TokenHead : public Head {
 public:
  TokenHead(const TokenHeadOptions& options, at::Device device);

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
