#pragma once

#include <c10/core/Device.h>

#include "llmtool/models/model.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/training/options.h"

namespace llmtool {

// Makes a model ready for training: on the device, in training mode, with the kernels and the (resolved) precision of
// the options, its weights in `parameters`.
void set_up_for_training(Model& model, const TrainingOptions& options, c10::Device device, ParameterStore& parameters);

}  // namespace llmtool
