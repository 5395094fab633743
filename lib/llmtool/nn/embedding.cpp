#include "llmtool/nn/embedding.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace llmtool {

namespace {

// A batch reads a small part only of a table with more rows.
constexpr std::int64_t kSparseFrom = 4096;

}  // namespace

void resize_rows(at::Tensor& table, std::int64_t num_rows) {
  const at::NoGradGuard no_grad;
  const std::int64_t kept = std::min(num_rows, table.size(0));
  const at::Tensor old = table.detach();
  at::Tensor resized = at::empty({num_rows, table.size(1)}, old.options());
  resized.narrow(0, 0, kept).copy_(old.narrow(0, 0, kept));
  resized.narrow(0, kept, num_rows - kept).copy_(old.mean(0, true).expand({num_rows - kept, -1}));
  table.set_data(resized);
}

Embedding::Embedding(std::int64_t num_rows, std::int64_t size, std::optional<std::int64_t> padding_id,
                     at::Device device)
    : padding_id_(padding_id) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  weight = register_parameter("weight", at::empty({num_rows, size}, options));
}

at::Tensor Embedding::forward(const at::Tensor& ids) const {
  return at::embedding(weight, ids, padding_id_.value_or(-1), /*scale_grad_by_freq=*/false, has_sparse_gradient());
}

bool Embedding::has_sparse_gradient() const {
  return uses_kernels() && weight.is_cpu() && weight.size(0) >= kSparseFrom;
}

}  // namespace llmtool
