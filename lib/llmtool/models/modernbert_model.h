#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/modernbert_family.h"
#include "llmtool/nn/attention.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/layers.h"

namespace llmtool {

// A layer of ModernBERT: attention over rotated heads, of all tokens or of a window, and a gated perceptron (GeGLU,
// Shazeer, 2020), each on normalised input and added to it.
class ModernBertLayer : public torch::nn::Module, public KernelUser {
 public:
  // `index`: place in the model; the first layer's input is normalised by the embeddings.
  ModernBertLayer(const ModernBertConfig& config, std::size_t index, at::Device device);

  bool is_local() const { return attention_options_.window.has_value(); }
  // hidden_states [tokens, hidden]; the result's context is the layer's output.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                          const RotaryPositions& positions, bool return_weights) const;

  std::shared_ptr<LayerNorm> attention_norm;  // null in the first layer
  std::shared_ptr<Linear> query_key_value;
  std::shared_ptr<Linear> attention_output;
  std::shared_ptr<LayerNorm> perceptron_norm;
  std::shared_ptr<Linear> input_and_gate;
  std::shared_ptr<Linear> output;

 private:
  at::Tensor perceptron(const at::Tensor& input) const;
  at::Tensor apply_gate(const at::Tensor& rows) const;

  Activation activation_;
  double attention_dropout_;
  double perceptron_dropout_;
  AttentionOptions attention_options_;
};

// ModernBERT (Warner et al., 2024) as Hugging Face's ModernBertModel: rotary positions, local and global attention in
// turn, gated perceptrons, few biases.
class ModernBertModel : public TextBody {
 public:
  ModernBertModel(const ModernBertConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return word_; }

 private:
  ModernBertConfig config_;
  std::shared_ptr<Embedding> word_;
  std::shared_ptr<LayerNorm> embedding_norm_;
  std::vector<std::shared_ptr<ModernBertLayer>> layers_;
  std::shared_ptr<LayerNorm> last_norm_;
};

}  // namespace llmtool
