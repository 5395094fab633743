#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "llmtool/nn/encoder_layer.h"
#include "llmtool/nn/kernel_user.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

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
