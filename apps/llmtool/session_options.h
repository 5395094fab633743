#pragma once

#include "arguments.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// The options that eval, predict and embed share: the model, and how it computes.
void add_session_options(CLI::App& app, SessionArguments& arguments);

}  // namespace llmtool::app
