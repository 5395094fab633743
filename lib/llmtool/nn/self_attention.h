#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>

#include "llmtool/nn/attention.h"
#include "llmtool/nn/encoder_options.h"
#include "llmtool/nn/linear.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// Projections around attention within a sequence.
class SelfAttention : public torch::nn::Module {
 public:
  SelfAttention(const EncoderOptions& options, at::Device device);

  // [tokens, hidden] -> context [tokens, hidden] before the output projection.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout, bool return_weights) const;

  // Either these three …
  std::shared_ptr<Linear> query;
  std::shared_ptr<Linear> key;
  std::shared_ptr<Linear> value;
  // … or all of them above each other, [3 * hidden, hidden].
  std::shared_ptr<Linear> query_key_value;

 private:
  struct Projections {
    at::Tensor queries, keys, values;  // [tokens, hidden]
  };
  Projections project(const at::Tensor& hidden_states) const;

  AttentionOptions options_;
};

}  // namespace llmtool
