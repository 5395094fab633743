#include "llmtool/nn/rotary_positions.h"

#include <ATen/Functions.h>

namespace llmtool {

// In fp32 throughout, as Hugging Face computes the angles.
RotaryPositions::RotaryPositions(const SequenceLayout& layout, std::int64_t head_size, double theta) {
  const at::Tensor positions = layout.positions().to(at::kFloat);
  const at::Tensor exponents = at::arange(0, head_size, 2, positions.options()) / static_cast<double>(head_size);
  const at::Tensor frequencies = at::pow(theta, exponents).reciprocal();
  const at::Tensor angles = positions.unsqueeze(1) * frequencies;  // [tokens, head_size / 2]
  cosines_ = angles.cos().unsqueeze(1);
  sines_ = angles.sin().unsqueeze(1);
}

at::Tensor RotaryPositions::rotate(const at::Tensor& rows) const {
  const std::int64_t half = cosines_.size(2);
  const at::Tensor heads = rows.view({rows.size(0), -1, 2 * half});  // [tokens, heads, head_size]
  const at::Tensor first = heads.narrow(2, 0, half);
  const at::Tensor second = heads.narrow(2, half, half);
  const at::Tensor rotated = at::cat({first * cosines_ - second * sines_, second * cosines_ + first * sines_}, 2);
  return rotated.flatten(1).to(rows.scalar_type());
}

}  // namespace llmtool
