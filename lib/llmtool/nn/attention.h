#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "llmtool/kernels/packed_attention.h"
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

// [tokens, hidden] -> [sequences, heads, max_length, head_size]; slots beyond a sequence's end repeat its first row.
at::Tensor pad_heads(const at::Tensor& rows, const SequenceLayout& layout, std::int64_t num_heads);
// The other way round.
at::Tensor pack_heads(const at::Tensor& heads, const SequenceLayout& layout);

// Queries and keys of a batch padded to its longest sequence, [sequences, heads, longest, head_size] each.
struct PaddedHeads {
  at::Tensor queries, keys, values;
  at::Tensor hidden = {};  // bool, true where a query must not look, broadcast to the scores; undefined when all may
  at::Tensor bias = {};    // added to the divided scores; undefined without one
  std::optional<double> divisor = {};  // of the scores; default: sqrt(head_size)
};

// softmax(q k^T / divisor + bias) v in plain ATen operations: any device and type. Context is packed by query_layout,
// weights are always given.
AttentionResult padded_attention(const PaddedHeads& heads, const SequenceLayout& query_layout, double dropout);

// The same for heads without a bias as the options want it: where kernels may be used and no weights are asked for, by
// LibTorch's scaled_dot_product_attention, which keeps none.
AttentionResult padded_attention(const PaddedHeads& heads, const SequenceLayout& query_layout,
                                 const AttentionOptions& options);

}  // namespace llmtool
