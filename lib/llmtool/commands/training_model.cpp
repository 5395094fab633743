#include "llmtool/commands/training_model.h"

#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/nn/kernel_user.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

Precision resolve_precision(Precision asked, c10::Device device) {
  const bool is_native = device.is_cpu() && has_native_bf16();
  if (asked == Precision::kAuto) return is_native ? Precision::kBf16 : Precision::kFp32;
  if (asked == Precision::kBf16 && device.is_cpu() && !is_native)
    throw ConfigError(
        "training.precision bf16: this processor has no bf16 arithmetic (AVX512_BF16), so it would be slower than "
        "fp32; use fp32, or auto, which chooses by the processor");
  return asked;
}

void set_up_for_training(AssembledModel& model, const TrainingOptions& options, c10::Device device,
                         ParameterStore& parameters) {
  if (options.precision == Precision::kAuto) throw std::logic_error("the precision is not resolved");
  model.to(device);
  model.train();
  use_kernels(model, options.kernels == KernelChoice::kAuto);
  for (const NamedParameter& parameter : model.trainable_parameters()) parameters.add(parameter.name, parameter.tensor);
  if (options.precision != Precision::kBf16) return;
  for (const WorkingCopy& working : make_working_copies(model.body(), at::kBFloat16))
    parameters.set_working_copy(working.weight, working.copy);
}

}  // namespace llmtool
