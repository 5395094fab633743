#pragma once

#include "verb.h"

namespace llmtool::app {

// What `llmtool env` is told: nothing but the common options.
struct EnvOptions : NoOptions {};

}  // namespace llmtool::app
