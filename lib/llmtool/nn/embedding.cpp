#include "llmtool/nn/embedding.h"

#include <ATen/Functions.h>

namespace llmtool {

Embedding::Embedding(std::int64_t num_rows, std::int64_t size, std::optional<std::int64_t> padding_id,
                     at::Device device)
    : padding_id_(padding_id) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  weight = register_parameter("weight", at::empty({num_rows, size}, options));
}

at::Tensor Embedding::forward(const at::Tensor& ids) const {
  return at::embedding(weight, ids, padding_id_.value_or(-1));
}

}  // namespace llmtool
