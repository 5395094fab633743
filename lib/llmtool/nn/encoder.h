#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "llmtool/nn/activation.h"
#include "llmtool/nn/attention.h"
#include "llmtool/nn/key_value_cache.h"
#include "llmtool/nn/layers.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// The shape of a stack of encoder layers; with `is_causal` the stack of a decoder-only model such as GPT-2.
struct EncoderOptions {
  std::int64_t num_layers = 0;
  std::vector<std::int64_t> layer_order;  // layers that share weights: the one at each place; empty: each once
  std::int64_t hidden_size = 0;
  std::int64_t num_heads = 0;
  std::int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  double attention_dropout = 0.0;         // of the attention weights
  double attention_output_dropout = 0.0;  // before the first residual sum
  double intermediate_dropout = 0.0;      // of the perceptron's inner activations
  double output_dropout = 0.0;            // before the second residual sum
  double layer_norm_epsilon = 1e-12;
  bool is_causal = false;             // a token sees only itself and those before it
  bool is_pre_norm = false;           // LayerNorm before each sublayer instead of after its residual sum
  bool has_fused_projection = false;  // query, key and value are one matrix
};

// A layer is asked for these besides its output.
struct LayerRequest {
  bool attention_weights = false;
  // It holds the tokens before those given, which are added; null: there are none. For causal layers.
  KeyValueCache* cache = nullptr;
  std::int64_t layer = 0;  // the layer's place in the cache
  // The output is wanted for each sequence's first token only: [sequences, hidden]. Not for causal layers.
  bool first_tokens_only = false;
};

// Projections around attention within a sequence.
class SelfAttention : public torch::nn::Module, public KernelUser {
 public:
  SelfAttention(const EncoderOptions& options, at::Device device);

  // [tokens, hidden] -> context [tokens (or sequences), hidden] before the output projection.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                          const LayerRequest& request) const;

  // Either these three …
  std::shared_ptr<Linear> query;
  std::shared_ptr<Linear> key;
  std::shared_ptr<Linear> value;
  // … or all of them above each other, [3 * hidden, hidden].
  std::shared_ptr<Linear> query_key_value;

 private:
  // The maps' outputs [tokens, hidden], or one tensor with all of them beside each other.
  std::vector<at::Tensor> project(const at::Tensor& hidden_states,
                                  const std::vector<std::shared_ptr<Linear>>& maps) const;
  AttentionOperands operands(const at::Tensor& hidden_states) const;
  AttentionResult attend_from_first_tokens(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                           const AttentionOptions& options) const;

  AttentionOptions options_;
};

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

  // Its linear maps compute in it.
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

struct EncoderResult {
  at::Tensor last_hidden_state;           // [tokens, hidden], or [sequences, hidden] of first tokens only
  std::vector<at::Tensor> hidden_states;  // input and every layer's output, on request
  std::vector<at::Tensor> attentions;     // every layer's weights, on request
};

struct EncoderRequest {
  bool hidden_states = false;
  bool attentions = false;
  KeyValueCache* cache = nullptr;  // of the tokens before those given; the new ones are added
  // The last hidden state is wanted for each sequence's first token only, so that the last layer need not compute the
  // others. Not for causal encoders.
  bool first_tokens_only = false;
};

// A stack of encoder layers, some of which may stand at several places.
class Encoder : public torch::nn::Module, public KernelUser {
 public:
  Encoder(const EncoderOptions& options, at::Device device);

  EncoderResult forward(const at::Tensor& embeddings, const SequenceLayout& layout,
                        const EncoderRequest& request = {}) const;

  std::vector<std::shared_ptr<EncoderLayer>> layers;

 private:
  std::vector<std::int64_t> order_;  // places in `layers`
};

}  // namespace llmtool
