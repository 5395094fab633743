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

}  // namespace llmtool
