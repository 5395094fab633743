#pragma once

#include <c10/core/Device.h>

#include "context.h"

namespace llmtool::app {

// Number of NVIDIA devices the kernel driver shows, whatever this build supports.
int num_visible_gpus();

// The device --device asks for. auto takes the first GPU of a CUDA build and warns when a CPU build leaves one unused.
// Throws UsageError for an unknown text, DeviceError (exit 8) when the device is not to be had.
c10::Device choose_device(const Context& context);

// Versions, processor features, threads with their source, and devices, as `llmtool env` prints and runs record them.
Json describe_environment(const Context& context);

// Sets LibTorch's and OpenMP's threads as chosen by threads.h, logging the number with its source, and how memory is
// taken from the system. To be called before anything is computed.
void set_up_process(const Context& context);

}  // namespace llmtool::app
