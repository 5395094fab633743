#include "llmtool/formats/tensor_size.h"

namespace llmtool {

std::optional<std::int64_t> tensor_num_bytes(DType dtype, const std::vector<std::int64_t>& shape) {
  auto product = static_cast<std::int64_t>(dtype_size(dtype));
  for (const std::int64_t size : shape)
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  return product;
}

}  // namespace llmtool
