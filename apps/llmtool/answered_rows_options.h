#pragma once

#include "arguments.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// The options that predict and embed share. `answers` names what is written: "predictions".
void add_answered_rows_options(CLI::App& app, AnsweredRowsArguments& arguments, const std::string& answers);

}  // namespace llmtool::app
