#include <CLI/CLI.hpp>

#include "llmtool/commands/config_proposal.h"
#include "llmtool/config/describe.h"
#include "llmtool/config/diff.h"
#include "llmtool/config/schema.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/distinct_paths.h"
#include "llmtool/core/file_system.h"
#include "run_config_file.h"
#include "verb.h"

namespace llmtool::app {
namespace {

struct ConfigArguments {
  std::string config;
  std::string other_config;
  std::vector<std::string> overrides;
  std::string prefix;
  ConfigProposalRequest proposal;
  std::string output = "-";
};

void show(const ConfigArguments& arguments, const Context& context) {
  const auto loaded = read_run_config(arguments.config, arguments.overrides);
  if (context.common.json) {
    print_json(to_json(loaded.options));
  } else {
    print(to_yaml(loaded.options, loaded.positions));
  }
}

void check(const ConfigArguments& arguments, const Context& context) {
  const auto loaded = read_run_config(arguments.config, arguments.overrides);
  if (context.common.json) {
    print_json({{"config", arguments.config}, {"valid", true}, {"output_dir", loaded.options.output_dir}});
  } else {
    print(arguments.config + ": ok\n");
  }
}

void describe(const ConfigArguments& arguments, const Context& context) {
  const auto fields = describe_fields<RunConfig>();
  if (context.common.json) {
    print_json(describe_json(fields));
  } else {
    print(describe_text(fields, arguments.prefix));
  }
}

void compare(const ConfigArguments& arguments, const Context& context) {
  const auto left = read_run_config(arguments.config, {});
  const auto right = read_run_config(arguments.other_config, {});
  const auto differences = diff_options(left.options, right.options);
  if (!context.common.json) {
    std::string text;
    for (const FieldDifference& difference : differences) text += difference.to_string() + "\n";
    return print(text);
  }
  Json list = Json::array();
  for (const FieldDifference& difference : differences)
    list.push_back({{"path", difference.path}, {"left", difference.left}, {"right", difference.right}});
  print_json({{"differences", std::move(list)}});
}

void init(const ConfigArguments& arguments, const Context& context) {
  require_distinct_paths({.inputs = {{"--data", arguments.proposal.data}},
                          .folders = {{"--model", arguments.proposal.model}},
                          .outputs = {{"--output", arguments.output}}});
  const ConfigProposal proposal = propose_config(arguments.proposal);
  if (arguments.output == "-") return print(proposal.yaml);
  if (path_exists(arguments.output)) throw ResourceError(arguments.output + " exists already; choose another --output");
  write_file_atomically(arguments.output, proposal.yaml);
  if (context.common.json) print_json({{"config", arguments.output}});
}

class ConfigVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    show_ = add_action(app, "show", "Print the effective config: every value with its origin.",
                       "llmtool config show configs/quickstart.yaml --set training.epochs=2");
    add_config(*show_);
    check_ =
        add_action(app, "check", "Check a config without running it.", "llmtool config check configs/quickstart.yaml");
    add_config(*check_);
    describe_ = add_action(app, "describe", "Explain every key, or those below one: type, default, limits.",
                           "llmtool config describe training.optimizer");
    describe_->add_option("key", arguments_.prefix, "Key to explain (default: all)")->type_name("KEY");
    schema_ = add_action(app, "schema", "Print the JSON Schema of a config, for editors.",
                         "llmtool config schema > llmtool.schema.json");
    init_ = add_action(app, "init", "Write a commented config for a data file and a model.",
                       "llmtool config init --data reviews.csv --model models/all-MiniLM-L6-v2 --output reviews.yaml");
    init_->add_option("--data", arguments_.proposal.data, "Training file")->required()->type_name("FILE");
    init_->add_option("--model", arguments_.proposal.model, "Model directory")->required()->type_name("DIRECTORY");
    init_->add_option("--output", arguments_.output, "File to write, - for standard output")
        ->type_name("FILE")
        ->capture_default_str();
    diff_ = add_action(app, "diff", "List the values in which two configs differ.",
                       "llmtool config diff configs/quickstart.yaml configs/textbook.yaml");
    diff_->add_option("left", arguments_.config, "Run config")->required()->type_name("CONFIG");
    diff_->add_option("right", arguments_.other_config, "Run config")->required()->type_name("CONFIG");
  }

  ExitCode run(Context& context) override {
    if (show_->parsed()) show(arguments_, context);
    if (check_->parsed()) check(arguments_, context);
    if (describe_->parsed()) describe(arguments_, context);
    if (schema_->parsed()) print(to_json_text(json_schema<RunConfig>("llmtool run config"), 2) + "\n");
    if (init_->parsed()) init(arguments_, context);
    if (diff_->parsed()) compare(arguments_, context);
    return ExitCode::kOk;
  }

 private:
  static CLI::App* add_action(CLI::App& app, const char* name, const char* summary, const char* example) {
    CLI::App* action = app.add_subcommand(name, summary);
    action->footer(std::string("Example:\n  ") + example);
    return action;
  }

  void add_config(CLI::App& action) {
    action.add_option("config", arguments_.config, "Run config, YAML or JSON")->required()->type_name("CONFIG");
    action.add_option("--set", arguments_.overrides, "Override one key: path.to.key=value; may be repeated")
        ->type_name("KEY=VALUE")
        ->take_all()
        ->allow_extra_args(false);
  }

  ConfigArguments arguments_;
  CLI::App* show_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* describe_ = nullptr;
  CLI::App* schema_ = nullptr;
  CLI::App* init_ = nullptr;
  CLI::App* diff_ = nullptr;
};

}  // namespace

std::unique_ptr<Verb> make_config_verb() { return std::make_unique<ConfigVerb>(); }

}  // namespace llmtool::app
