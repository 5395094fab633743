#include "llmtool/inference/session_options.h"

#include <stdexcept>

#include "llmtool/nn/linear.h"

namespace llmtool {

void set_up_for_inference(Model& model, const SessionOptions& options) {
  if (options.precision != Precision::kFp32 && options.precision != Precision::kBf16)
    throw std::logic_error("a session computes in fp32 or bf16");
  model.eval();
  model.to(options.device);
  if (options.precision == Precision::kBf16) convert_linear_weights(model.body(), at::kBFloat16);
}

}  // namespace llmtool
