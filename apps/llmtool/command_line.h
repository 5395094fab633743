#pragma once

#include <string>
#include <vector>

namespace llmtool::app {

// Parses argv, runs the verb and turns exceptions into exit codes: the only place that does.
int run_command_line(int argc, char** argv);

// What --help shows of an option.
struct ShownOption {
  std::string names;                    // "-q,--quiet", or that of a positional
  std::vector<std::string> long_names;  // without dashes; of a positional none
  std::string value;                    // "FILE"; "" for flags and positionals
  std::string help;
};

// What --help shows of the program, a verb or an action.
struct ShownCommand {
  std::string name;
  std::string summary;
  std::string footer;
  std::vector<ShownOption> options;
  std::vector<ShownCommand> commands;  // verbs or actions
};

// All of the command line, for the completion script and the manual page.
ShownCommand describe_command_line();

}  // namespace llmtool::app
