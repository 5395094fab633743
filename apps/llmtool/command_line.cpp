#include "command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>
#include <sstream>
#include <utility>

#include "console_events.h"
#include "crash_report.h"
#include "llmtool/core/errors.h"
#include "options.h"
#include "stop_signals.h"
#include "verb.h"

namespace llmtool::app {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 1 internal error, 2 usage, 3 config, 4 data, 5 model/tokenizer/checkpoint file,\n"
    "6 files or resources, 7 non-finite loss, 8 device, 9 quality gate not met, 75 stopped and saved (run again).";

void add_verb(CLI::App& root, const VerbRow& row, Verb& verb, CommonOptions& common) {
  CLI::App* app = root.add_subcommand(row.name, row.summary);
  app->footer(std::string("Example:\n  ") + row.example);
  app->get_formatter()->column_width(34);
  CommandOptions options(*app);
  verb.add_options(options);
  if (app->get_subcommands({}).empty()) {
    options.add(common);
  } else {
    for (CLI::App* action : app->get_subcommands({})) CommandOptions(*action).add(common);
  }
}

// The whole option tree with the verbs behind it.
struct CommandLine {
  CLI::App app;
  std::vector<std::unique_ptr<Verb>> verbs;  // in the order of verb_table()
  CommonOptions common;

  CommandLine();
};

CommandLine::CommandLine()
    : app("Fine-tune, evaluate and use BERT-style text models from one config file. No Python, no network.",
          "llmtool") {
  app.footer(kExitCodes);
  app.set_version_flag("--version", std::string("llmtool ") + LLMTOOL_VERSION);
  app.require_subcommand(1);
  for (const VerbRow& row : verb_table()) {
    verbs.push_back(row.make());
    add_verb(app, row, *verbs.back(), common);
  }
}

std::size_t chosen_verb(const CommandLine& command_line) {
  const auto verbs = command_line.app.get_subcommands({});
  for (std::size_t i = 0; i < verbs.size(); ++i)
    if (verbs[i]->parsed()) return i;
  throw UsageError("no verb given; see llmtool --help");
}

constexpr const char* kStoppedBeforeTraining =
    "stopped before training began; nothing is lost: run the same command again";

int exit_status(ExitCode code) { return static_cast<int>(code); }

// The nearest verb, or action of a verb, is worth naming when a word stands in its place that is none.
std::string usage_message(const CLI::ParseError& error, const CLI::App& root, int argc, char** argv) {
  const CLI::App* app = &root;
  std::string words = "llmtool";
  for (int i = 1; i < argc && argv[i][0] != '-' && !app->get_subcommands({}).empty(); ++i) {
    std::vector<std::string> names;
    const CLI::App* chosen = nullptr;
    for (const CLI::App* candidate : app->get_subcommands({})) {
      names.push_back(candidate->get_name());
      if (names.back() == argv[i]) chosen = candidate;
    }
    if (chosen == nullptr) {
      const std::string nearest = nearest_name(argv[i], names);
      return words + " has no verb " + quote(argv[i]) +
             (nearest.empty() ? " (see " + words + " --help)" : "; did you mean " + nearest + "?");
    }
    words += std::string(" ") + argv[i];
    app = chosen;
  }
  return std::string(error.what()) + " (see " + words + " --help)";
}

ExitCode run_verb(const CommandLine& command_line, std::vector<std::string> arguments, ConsoleEvents& events) {
  const std::size_t index = chosen_verb(command_line);
  Verb& verb = *command_line.verbs[index];
  note_verb(verb_table()[index].name, verb.can_be_continued());
  StopSignals stop_signals([&events](const std::string& message) { events.error(message, ExitCode::kStopped); },
                           verb.can_be_continued() ? kStoppedBeforeTraining : "");
  Context context{std::move(arguments), command_line.common, &events, &stop_signals};
  return verb.run(context);
}

// --help and --version.
int print_help(const CommandLine& command_line, const CLI::ParseError& error) {
  std::ostringstream text;
  command_line.app.exit(error, text, text);
  try {
    print(text.str());
  } catch (const ResourceError& failure) {
    if (dynamic_cast<const BrokenPipeError*>(&failure) != nullptr) end_by_broken_pipe();
    ConsoleEvents(command_line.common).error(failure.what(), failure.exit_code());
    return exit_status(failure.exit_code());
  }
  return exit_status(ExitCode::kOk);
}

ShownOption shown(const CLI::Option& option) {
  const bool has_value = option.get_type_size() != 0 && !option.get_positional();
  return {.names = option.get_name(false, true),
          .long_names = option.get_lnames(),
          .value = has_value ? option.get_type_name() : "",
          .help = option.get_description()};
}

ShownCommand shown(const CLI::App& app) {
  ShownCommand command{.name = app.get_name(),
                       .summary = app.get_description(),
                       .footer = app.get_footer(),
                       .options = {},
                       .commands = {}};
  for (const CLI::Option* option : app.get_options()) command.options.push_back(shown(*option));
  for (const CLI::App* action : app.get_subcommands({})) command.commands.push_back(shown(*action));
  return command;
}

}  // namespace

ShownCommand describe_command_line() { return shown(CommandLine().app); }

int run_command_line(int argc, char** argv) {
  CommandLine command_line;
  try {
    command_line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return print_help(command_line, error);
    ConsoleEvents(command_line.common).error(usage_message(error, command_line.app, argc, argv), ExitCode::kUsage);
    return exit_status(ExitCode::kUsage);
  }
  ConsoleEvents events(command_line.common);
  try {
    return exit_status(run_verb(command_line, {argv, argv + argc}, events));
  } catch (const BrokenPipeError& error) {
    end_by_broken_pipe();
    events.error(error.what(), error.exit_code());
    return exit_status(error.exit_code());
  } catch (const Error& error) {
    events.error(error.what(), error.exit_code());
    return exit_status(error.exit_code());
  } catch (const std::bad_alloc& error) {
    const bool is_told = dynamic_cast<const OutOfMemory*>(&error) != nullptr;
    const std::string_view advice = command_line.verbs[chosen_verb(command_line)]->memory_advice();
    events.error(std::string(is_told ? error.what() : "out of memory") + "; " + std::string(advice),
                 ExitCode::kResources);
    return exit_status(ExitCode::kResources);
  } catch (const std::exception& error) {
    events.error(std::string("internal error: ") + error.what(), ExitCode::kInternal);
    return exit_status(ExitCode::kInternal);
  }
}

}  // namespace llmtool::app
