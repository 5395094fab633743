#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "llmtool/nn/attention.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

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
