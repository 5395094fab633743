#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace llmtool {

// Queries, keys and values of packed rows, each a tensor [rows, hidden] of its own or columns of one that a single
// product made: {queries, keys, values}, {queries, keys beside values} or {queries beside keys beside values}.
class AttentionOperands {
 public:
  // Throws std::invalid_argument when the columns are not three blocks of one hidden size, are divided in another way,
  // or keys and values differ in their number of rows.
  explicit AttentionOperands(std::vector<at::Tensor> tensors);
  AttentionOperands(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values)
      : AttentionOperands(std::vector<at::Tensor>{queries, keys, values}) {}

  const std::vector<at::Tensor>& tensors() const { return tensors_; }
  std::int64_t hidden_size() const { return hidden_size_; }
  // Views [rows, hidden].
  at::Tensor queries() const { return block(0); }
  at::Tensor keys() const { return block(1); }
  at::Tensor values() const { return block(2); }

 private:
  at::Tensor block(std::int64_t index) const;

  std::vector<at::Tensor> tensors_;
  std::int64_t hidden_size_;
};

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
