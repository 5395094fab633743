#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// Angles by which the heads of a token are turned: position / theta^(2i / head_size) for the pair of dimensions i and
// i + head_size / 2 (RoFormer, Su et al., 2021, in the order of Hugging Face's rotate_half).
class RotaryPositions {
 public:
  // For the tokens of a layout; `head_size` is even.
  RotaryPositions(const SequenceLayout& layout, std::int64_t head_size, double theta);

  // Rows [tokens, 3 * hidden] of queries, keys and values beside each other, the heads of queries and keys turned; by
  // our kernel where it applies, or by plain ATen operations.
  at::Tensor rotate_queries_and_keys(const at::Tensor& rows, bool use_kernel) const;

 private:
  // Rows of heads [tokens, heads * head_size] -> the same, turned
  at::Tensor rotate(const at::Tensor& rows) const;

  at::Tensor cosines_;  // [tokens, head_size / 2]
  at::Tensor sines_;
};

// [num_positions, size]: column 2i is sin(position / 10000^(2i / size)), column 2i + 1 its cosine (Vaswani et al.,
// 2017, section 3.5). Computed in double precision.
at::Tensor sinusoidal_positions(std::int64_t num_positions, std::int64_t size, at::Device device);

}  // namespace llmtool
