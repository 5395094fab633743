#pragma once

#include "context.h"

namespace llmtool::app {

// Versions, processor features, threads with their source, and devices, as `llmtool env` prints and runs record them.
Json describe_environment(const Context& context);

}  // namespace llmtool::app
