#include "llmtool/nn/sinusoidal_positions.h"

#include <ATen/Functions.h>

#include <cmath>

namespace llmtool {

at::Tensor sinusoidal_positions(std::int64_t num_positions, std::int64_t size, at::Device device) {
  const auto doubles = at::TensorOptions().dtype(at::kDouble).device(device);
  const at::Tensor exponents = at::arange(0, size, 2, doubles) / static_cast<double>(size);
  const at::Tensor frequencies = (exponents * -std::log(10000.0)).exp();
  const at::Tensor angles = at::arange(num_positions, doubles).unsqueeze(1) * frequencies;  // [positions, (size+1)/2]
  // Pairs side by side; an odd size has no last cosine.
  return at::stack({angles.sin(), angles.cos()}, 2).flatten(1).narrow(1, 0, size).to(at::kFloat).contiguous();
}

}  // namespace llmtool
