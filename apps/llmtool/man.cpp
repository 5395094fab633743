#include <CLI/CLI.hpp>
#include <string>

#include "command_line.h"

namespace llmtool::app {
namespace {

// Backslashes and leading dots mean something to roff.
std::string roff(const std::string& text) {
  std::string escaped;
  bool line_start = true;
  for (const char character : text) {
    if (line_start && (character == '.' || character == '\'')) escaped += "\\&";
    if (character == '\\') {
      escaped += "\\e";
    } else if (character == '-') {
      escaped += "\\-";
    } else {
      escaped += character;
    }
    line_start = character == '\n';
  }
  return escaped;
}

void append_options(const CLI::App& app, std::string& page) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string type =
        option->get_type_size() == 0 || option->get_positional() ? "" : " " + option->get_type_name();
    page += ".TP\n.B " + roff(option->get_name(false, true) + type) + "\n" + roff(option->get_description()) + "\n";
  }
}

void append_commands(const CLI::App& app, const std::string& words, std::string& page) {
  for (const CLI::App* action : app.get_subcommands({})) {
    const std::string name = words + " " + action->get_name();
    page += ".SS " + roff(name) + "\n" + roff(action->get_description()) + "\n";
    append_options(*action, page);
    if (!action->get_footer().empty()) page += ".PP\n.nf\n" + roff(action->get_footer()) + "\n.fi\n";
    append_commands(*action, name, page);
  }
}

class ManVerb : public Verb {
 public:
  void add_options(CLI::App&) override {}

  ExitCode run(Context&) override {
    const CommandLine command_line;
    const CLI::App& app = *command_line.app;
    std::string page = std::string(".TH LLMTOOL 1 \"\" \"llmtool ") + LLMTOOL_VERSION + "\" \"User Commands\"\n";
    page += ".SH NAME\nllmtool \\- " + roff(app.get_description()) + "\n";
    page += ".SH SYNOPSIS\n.B llmtool\n.I verb\n[config or model] [options]\n.SH VERBS\n";
    append_commands(app, "llmtool", page);
    page += ".SH EXIT STATUS\n" + roff(app.get_footer()) + "\n";
    print(page);
    return ExitCode::kOk;
  }
};

}  // namespace

std::unique_ptr<Verb> make_man_verb() { return std::make_unique<ManVerb>(); }

}  // namespace llmtool::app
