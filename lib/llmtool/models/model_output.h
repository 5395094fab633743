#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace llmtool {

// What a body computes for a batch of packed sequences.
struct ModelOutput {
  at::Tensor last_hidden_state;           // [tokens, hidden]; with has_first_tokens_only [sequences, hidden]
  at::Tensor pooled;                      // [sequences, hidden]; undefined for bodies without a pooler
  std::vector<at::Tensor> hidden_states;  // embeddings and every layer, [tokens, hidden] each, on request
  std::vector<at::Tensor> attentions;     // [sequences, heads, longest, longest] per layer, on request
  bool has_first_tokens_only = false;     // the last hidden state was computed for each sequence's first token alone
};

}  // namespace llmtool
