#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "command_line.h"
#include "llmtool/core/utf8.h"

namespace llmtool::app {
namespace {

// Code points beyond ASCII are written by number: not every groff expects UTF-8.
std::string roff_code_point(char32_t code_point) {
  char text[16];
  std::snprintf(text, sizeof(text), "\\[u%04X]", static_cast<unsigned>(code_point));
  return text;
}

// Backslashes and leading dots mean something to roff.
std::string roff(const std::string& text) {
  std::string escaped;
  bool line_start = true;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t character = decode_utf8(text, position);
    if (line_start && (character == '.' || character == '\'')) escaped += "\\&";
    if (character == '\\') {
      escaped += "\\e";
    } else if (character == '-') {
      escaped += "\\-";
    } else if (character < 0x80) {
      escaped += static_cast<char>(character);
    } else {
      escaped += roff_code_point(character);
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
