#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmtool/formats/dtype.h"

namespace llmtool {

// Bytes of a contiguous tensor of non-negative sizes, or nothing when the number does not fit 63 bits.
std::optional<std::int64_t> tensor_num_bytes(DType dtype, const std::vector<std::int64_t>& shape);

}  // namespace llmtool
