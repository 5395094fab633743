#pragma once

#include <memory>
#include <string>
#include <vector>

#include "verb.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// The whole option tree with the verbs behind it.
struct CommandLine {
  std::unique_ptr<CLI::App> app;
  std::vector<std::unique_ptr<Verb>> verbs;  // in the order of verb_table()
  CommonArguments common;

  CommandLine();
  ~CommandLine();
};

// Parses argv, runs the verb and turns exceptions into exit codes: the only place that does.
int run_command_line(int argc, char** argv);

}  // namespace llmtool::app
