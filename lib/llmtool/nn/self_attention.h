#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "llmtool/nn/attention.h"
#include "llmtool/nn/encoder_options.h"
#include "llmtool/nn/kernel_user.h"
#include "llmtool/nn/key_value_cache.h"
#include "llmtool/nn/linear.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// What a layer is asked for besides its output.
struct LayerRequest {
  bool attention_weights = false;
  // Of the tokens before those given, to which these are added; null: there are none. For causal layers.
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

}  // namespace llmtool
