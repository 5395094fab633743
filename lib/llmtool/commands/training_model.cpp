#include "llmtool/commands/training_model.h"

#include <stdexcept>

#include "llmtool/nn/kernel_user.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

void set_up_for_training(Model& model, const TrainingOptions& options, c10::Device device, ParameterStore& parameters) {
  if (options.precision == Precision::kAuto) throw std::logic_error("the precision is not resolved");
  model.to(device);
  model.train();
  use_kernels(model, options.kernels == KernelChoice::kAuto);
  for (const NamedParameter& parameter : model.trainable_parameters())
    parameters.add(parameter.name, parameter.tensor, parameter.is_decayed);
  if (options.precision != Precision::kBf16) return;
  for (const WorkingCopy& working : make_working_copies(model.body(), at::kBFloat16))
    parameters.set_working_copy(working.weight, working.copy);
}

}  // namespace llmtool
