#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace llmtool {

// [num_positions, size]: column 2i is sin(position / 10000^(2i / size)), column 2i + 1 its cosine (Vaswani et al.,
// 2017, section 3.5). Computed in double precision.
at::Tensor sinusoidal_positions(std::int64_t num_positions, std::int64_t size, at::Device device);

}  // namespace llmtool
