#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>

#include "llmtool/nn/activation.h"
#include "llmtool/nn/encoder_options.h"
#include "llmtool/nn/kernel_user.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/linear.h"
#include "llmtool/nn/self_attention.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

struct EncoderLayerResult {
  at::Tensor hidden_states;      // [tokens, hidden], or [sequences, hidden] of first tokens only
  at::Tensor attention_weights;  // as in AttentionResult
};

// Self-attention and a two-layer perceptron, each followed by dropout and the residual sum. LayerNorm stands after each
// sum ("post-norm", as in BERT), or before each sublayer ("pre-norm", as in GPT-2).
class EncoderLayer : public torch::nn::Module, public KernelUser {
 public:
  EncoderLayer(const EncoderOptions& options, at::Device device);

  EncoderLayerResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                             const LayerRequest& request) const;

  // What its linear maps compute in.
  at::ScalarType number_type() const { return intermediate->number_type(); }

  std::shared_ptr<SelfAttention> self_attention;
  std::shared_ptr<Linear> attention_output;
  std::shared_ptr<LayerNorm> attention_norm;
  std::shared_ptr<Linear> intermediate;
  std::shared_ptr<Linear> output;
  std::shared_ptr<LayerNorm> output_norm;

 private:
  // Nothing is dropped outside training.
  double rate(double dropout) const;
  at::Tensor perceptron(const at::Tensor& input) const;

  Activation activation_;
  double attention_output_dropout_;
  double intermediate_dropout_;
  double output_dropout_;
  bool is_pre_norm_;
};

}  // namespace llmtool
