#include "llmtool/nn/dense.h"

namespace llmtool {

Dense::Dense(const DenseOptions& options, at::Device device) : options_(options) {
  linear = register_module("linear",
                           std::make_shared<Linear>(options.input_size, options.output_size, device, options.has_bias));
  if (options.is_residual && options.input_size != options.output_size)
    residual = register_module(
        "residual", std::make_shared<Linear>(options.input_size, options.output_size, device, /*has_bias=*/false));
}

at::Tensor Dense::forward(const at::Tensor& input) const {
  const at::Tensor rows = input.to(at::kFloat);
  const at::Tensor output = options_.activation->compute(linear->forward(rows));
  if (!options_.is_residual) return output;
  return output + (residual ? residual->forward(rows) : rows);
}

}  // namespace llmtool
