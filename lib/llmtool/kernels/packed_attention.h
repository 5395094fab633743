#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "llmtool/kernels/attention_operands.h"

namespace llmtool {

// Sequences of queries and of keys behind each other, as a SequenceLayout has them.
struct PackedSequences {
  const std::vector<std::int64_t>& query_offsets;  // sequences + 1
  const std::vector<std::int64_t>& key_offsets;    // sequences + 1
  bool is_causal = false;                          // the queries are the last positions and see no later key
};

// True when packed_attention computes these: fp32 or bf16 on the CPU, a head size that is a multiple of 16, and
// lengths and dropout for which it is faster than LibTorch's operation on a padded batch.
bool can_use_packed_attention(const AttentionOperands& operands, std::int64_t num_heads, std::int64_t max_key_length,
                              double dropout);

// softmax(q k^T / sqrt(head_size)) v for every sequence and head without padding or copies, with gradients; attention
// weights are dropped with probability `dropout`. Shapes as nn's attention(), padding rows included.
at::Tensor packed_attention(const AttentionOperands& operands, const PackedSequences& sequences, std::int64_t num_heads,
                            double dropout);

}  // namespace llmtool
