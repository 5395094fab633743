#pragma once

#include "arguments.h"
#include "context.h"
#include "llmtool/inference/session_options.h"

namespace llmtool::app {

// Device and precision resolved for this machine. Throws UsageError, DeviceError.
SessionOptions make_session_options(const SessionArguments& arguments, const Context& context);

}  // namespace llmtool::app
