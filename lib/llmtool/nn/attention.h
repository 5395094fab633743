#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "llmtool/kernels/attention_operands.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

struct AttentionOptions {
  std::int64_t num_heads = 1;
  double dropout = 0.0;  // of the attention weights; 0 outside training
  bool return_weights = false;
  bool use_kernel = true;  // the packed CPU kernel, or else LibTorch's fused operation; false: plain ATen operations
  bool is_causal = false;  // a query sees no later key; queries are the last positions of their key sequence
  // A query sees no key further away than this, on either side. Queries and keys are the same tokens.
  std::optional<std::int64_t> window = {};
};

struct AttentionResult {
  at::Tensor context;  // [query rows, hidden]
  at::Tensor weights;  // [sequences, heads, longest query, longest key] after softmax, only on request
};

// softmax(q k^T / sqrt(head_size)) v within each sequence (Vaswani et al., 2017), with gradients. Rows are packed:
// queries [query tokens, hidden], keys and values [key tokens, hidden], hidden = heads * head_size. Sequence i of the
// query layout looks at sequence i of the key layout. Rows beyond the tokens of a layout are padding, which nothing
// looks at and whose context is 0. Throws std::invalid_argument when sizes do not fit the layouts,
// or a causal query sequence is longer than its keys.
AttentionResult attention(const AttentionOperands& operands, const SequenceLayout& query_layout,
                          const SequenceLayout& key_layout, const AttentionOptions& options);

}  // namespace llmtool
