#include "llmtool/nn/positions.h"

#include <ATen/Functions.h>

#include <cmath>

#include "llmtool/kernels/rotary.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {

// In fp32 throughout, as Hugging Face computes the angles.
RotaryPositions::RotaryPositions(const SequenceLayout& layout, std::int64_t head_size, double theta) {
  const at::Tensor positions = layout.positions().to(at::kFloat);
  const at::Tensor exponents = at::arange(0, head_size, 2, positions.options()) / static_cast<double>(head_size);
  const at::Tensor frequencies = at::pow(theta, exponents).reciprocal();
  const at::Tensor angles = positions.unsqueeze(1) * frequencies;  // [tokens, head_size / 2]
  cosines_ = angles.cos();
  sines_ = angles.sin();
}

at::Tensor RotaryPositions::rotate_queries_and_keys(const at::Tensor& rows, bool use_kernel) const {
  if (use_kernel && has_kernel_elements(rows)) return llmtool::rotate_queries_and_keys(rows, cosines_, sines_);
  const std::int64_t size = rows.size(1) / 3;
  return at::cat({rotate(rows.narrow(1, 0, 2 * size)), rows.narrow(1, 2 * size, size)}, 1);
}

at::Tensor RotaryPositions::rotate(const at::Tensor& rows) const {
  const std::int64_t half = cosines_.size(1);
  const at::Tensor cosines = cosines_.unsqueeze(1);
  const at::Tensor sines = sines_.unsqueeze(1);
  const at::Tensor heads = rows.view({rows.size(0), -1, 2 * half});  // [tokens, heads, head_size]
  const at::Tensor first = heads.narrow(2, 0, half);
  const at::Tensor second = heads.narrow(2, half, half);
  const at::Tensor rotated = at::cat({first * cosines - second * sines, second * cosines + first * sines}, 2);
  return rotated.flatten(1).to(rows.scalar_type());
}

at::Tensor sinusoidal_positions(std::int64_t num_positions, std::int64_t size, at::Device device) {
  const auto doubles = at::TensorOptions().dtype(at::kDouble).device(device);
  const at::Tensor exponents = at::arange(0, size, 2, doubles) / static_cast<double>(size);
  const at::Tensor frequencies = (exponents * -std::log(10000.0)).exp();
  const at::Tensor angles = at::arange(num_positions, doubles).unsqueeze(1) * frequencies;  // [positions, (size+1)/2]
  // Pairs side by side; an odd size has no last cosine.
  return at::stack({angles.sin(), angles.cos()}, 2).flatten(1).narrow(1, 0, size).to(at::kFloat).contiguous();
}

}  // namespace llmtool
