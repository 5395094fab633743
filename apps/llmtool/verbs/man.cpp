#include <cstdio>
#include <string>

#include "command_line.h"
#include "llmtool/core/text.h"
#include "verb.h"

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

void append_options(const ShownCommand& command, std::string& page) {
  for (const ShownOption& option : command.options)
    page += ".TP\n.B " + roff(option.names + (option.value.empty() ? "" : " " + option.value)) + "\n" +
            roff(option.help) + "\n";
}

void append_commands(const ShownCommand& command, const std::string& words, std::string& page) {
  for (const ShownCommand& action : command.commands) {
    const std::string name = words + " " + action.name;
    page += ".SS " + roff(name) + "\n" + roff(action.summary) + "\n";
    append_options(action, page);
    if (!action.footer.empty()) page += ".PP\n.nf\n" + roff(action.footer) + "\n.fi\n";
    append_commands(action, name, page);
  }
}

class ManVerb : public RequestVerb<NoOptions> {
 public:
  ExitCode run(Context&) override {
    const ShownCommand program = describe_command_line();
    std::string page = std::string(".TH LLMTOOL 1 \"\" \"llmtool ") + LLMTOOL_VERSION + "\" \"User Commands\"\n";
    page += ".SH NAME\nllmtool \\- " + roff(program.summary) + "\n";
    page += ".SH SYNOPSIS\n.B llmtool\n.I verb\n[config or model] [options]\n.SH VERBS\n";
    append_commands(program, "llmtool", page);
    page += ".SH EXIT STATUS\n" + roff(program.footer) + "\n";
    print(page);
    return ExitCode::kOk;
  }
};

}  // namespace

std::unique_ptr<Verb> make_man_verb() { return std::make_unique<ManVerb>(); }

}  // namespace llmtool::app
