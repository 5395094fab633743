#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>

#include "llmtool/models/disentangled_attention.h"
#include "llmtool/nn/embedding.h"
#include "llmtool/nn/layer_norm.h"

namespace llmtool {

// Sum of word rows and, where the config has them, position and segment type rows, brought to the hidden size,
// normalised and dropped.
class DebertaV2Embeddings : public torch::nn::Module {
 public:
  DebertaV2Embeddings(const DebertaV2Config& config, at::Device device);

  // int64 [tokens] each; undefined type_ids mean type 0 everywhere. Returns [tokens, hidden].
  at::Tensor forward(const at::Tensor& input_ids, const at::Tensor& type_ids, const SequenceLayout& layout) const;

  std::shared_ptr<Embedding> word;
  std::shared_ptr<Embedding> position;  // null without learned positions
  std::shared_ptr<Embedding> type;      // null without types
  std::shared_ptr<Linear> projection;   // null where embeddings have the hidden size
  std::shared_ptr<LayerNorm> norm;

 private:
  double dropout_;
};

// A convolution over neighbouring tokens of a text, added to the first layer's output and normalised.
class DebertaV2ConvolutionLayer : public torch::nn::Module {
 public:
  DebertaV2ConvolutionLayer(const DebertaV2Config& config, at::Device device);

  // input, layer_output: [tokens, hidden]
  at::Tensor forward(const at::Tensor& input, const at::Tensor& layer_output, const SequenceLayout& layout) const;

  at::Tensor weight;  // [hidden, hidden / groups, kernel_size]
  at::Tensor bias;    // [hidden]
  std::shared_ptr<LayerNorm> norm;

 private:
  DebertaV2Convolution convolution_;
  double dropout_;
};

// Disentangled attention and a perceptron, each followed by dropout, the residual sum and LayerNorm.
class DebertaV2Layer : public torch::nn::Module {
 public:
  DebertaV2Layer(const DebertaV2Config& config, at::Device device);

  // hidden_states [tokens, hidden]; the result's context is the layer's output.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                          const RelativePositions& positions) const;

  std::shared_ptr<DisentangledAttention> attention;
  std::shared_ptr<Linear> attention_output;
  std::shared_ptr<LayerNorm> attention_norm;
  std::shared_ptr<Linear> intermediate;
  std::shared_ptr<Linear> output;
  std::shared_ptr<LayerNorm> output_norm;

 private:
  // dropout(update) + residual
  at::Tensor add(const at::Tensor& update, const at::Tensor& residual) const;

  Activation activation_;
  double dropout_;
};

}  // namespace llmtool
