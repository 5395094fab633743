#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>

#include "llmtool/nn/activation.h"
#include "llmtool/nn/attention.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/linear.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

struct EncoderOptions {
  std::int64_t num_layers = 0;
  std::int64_t hidden_size = 0;
  std::int64_t num_heads = 0;
  std::int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  double hidden_dropout = 0.0;
  double attention_dropout = 0.0;
  double layer_norm_epsilon = 1e-12;
};

// Projections around attention within a sequence.
class SelfAttention : public torch::nn::Module {
 public:
  SelfAttention(const EncoderOptions& options, at::Device device);

  // [tokens, hidden] -> context [tokens, hidden] before the output projection.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout, bool return_weights) const;

  std::shared_ptr<Linear> query;
  std::shared_ptr<Linear> key;
  std::shared_ptr<Linear> value;

 private:
  std::int64_t num_heads_;
  double dropout_;
};

struct EncoderLayerResult {
  at::Tensor hidden_states;      // [tokens, hidden]
  at::Tensor attention_weights;  // as in AttentionResult
};

// Self-attention and a two-layer perceptron, each followed by dropout, the residual sum and LayerNorm ("post-norm", as
// in BERT).
class EncoderLayer : public torch::nn::Module {
 public:
  EncoderLayer(const EncoderOptions& options, at::Device device);

  EncoderLayerResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout, bool return_weights) const;

  std::shared_ptr<SelfAttention> self_attention;
  std::shared_ptr<Linear> attention_output;
  std::shared_ptr<LayerNorm> attention_norm;
  std::shared_ptr<Linear> intermediate;
  std::shared_ptr<Linear> output;
  std::shared_ptr<LayerNorm> output_norm;

 private:
  // LayerNorm(dropout(update) + residual)
  at::Tensor add_and_normalize(const at::Tensor& update, const at::Tensor& residual, const LayerNorm& norm) const;

  Activation activation_;
  double dropout_;
};

}  // namespace llmtool
