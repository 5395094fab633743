#include "llmtool/nn/activate.h"

#include <ATen/Functions.h>

#include <stdexcept>

#include "llmtool/kernels/gelu.h"

namespace llmtool {

at::Tensor activate(const at::Tensor& input, Activation activation, bool use_kernel) {
  switch (activation) {
    case Activation::kGelu:
      return use_kernel ? llmtool::gelu(input) : at::gelu(input);
    case Activation::kGeluTanh:
      return at::gelu(input, "tanh");
    case Activation::kRelu:
      return at::relu(input);
    case Activation::kSilu:
      return at::silu(input);
    case Activation::kTanh:
      return at::tanh(input);
  }
  throw std::logic_error("an activation without a function");
}

}  // namespace llmtool
