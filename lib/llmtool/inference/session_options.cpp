#include "llmtool/inference/session_options.h"

#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/nn/layers.h"

namespace llmtool {

void set_up_for_inference(Model& model, const SessionOptions& options) {
  if (options.precision != Precision::kFp32 && options.precision != Precision::kBf16)
    throw std::logic_error("a session computes in fp32 or bf16");
  model.eval();
  model.to(options.device);
  if (options.precision == Precision::kBf16) convert_linear_weights(model.body(), at::kBFloat16);
}

Precision resolve_precision(Precision asked, c10::Device device, const std::string& key) {
  const bool is_native = device.is_cpu() && has_native_bf16();
  if (asked == Precision::kAuto) return is_native ? Precision::kBf16 : Precision::kFp32;
  if (asked == Precision::kBf16 && device.is_cpu() && !is_native)
    throw ConfigError(
        key +
        " bf16: this processor has no bf16 arithmetic (AVX512_BF16), so it would be slower than fp32; use "
        "fp32, or auto, which chooses by the processor");
  return asked;
}

}  // namespace llmtool
