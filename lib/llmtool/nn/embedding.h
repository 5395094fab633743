#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <optional>

#include "llmtool/nn/kernel_user.h"

namespace llmtool {

// Gives a table `num_rows` rows in place: new ones are the mean of the old, surplus ones go.
void resize_rows(at::Tensor& table, std::int64_t num_rows);

// A table of rows looked up by id. Parameters uninitialised. The gradient of a large table on the CPU is sparse: it has
// the rows that were read.
class Embedding : public torch::nn::Module, public KernelUser {
 public:
  // The row of `padding_id` gets no gradient.
  Embedding(std::int64_t num_rows, std::int64_t size, std::optional<std::int64_t> padding_id, at::Device device);

  // int64 [tokens] -> [tokens, size]. Ids must lie within the table.
  at::Tensor forward(const at::Tensor& ids) const;

  const std::optional<std::int64_t>& padding_id() const { return padding_id_; }

  at::Tensor weight;  // [num_rows, size]

 private:
  bool has_sparse_gradient() const;

  std::optional<std::int64_t> padding_id_;
};

}  // namespace llmtool
