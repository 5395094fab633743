#include <string>
#include <vector>

#include "llmtool/commands/config_proposal.h"
#include "llmtool/config/describe.h"
#include "llmtool/config/diff.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "run_config_file.h"
#include "verb.h"

namespace llmtool::app {
namespace {

// A config with changes to it.
struct ConfigSource {
  std::string config;
  std::vector<std::string> overrides;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("config", self.config, "Run config, YAML or JSON", kRequired,
          OptionForm{.value = "CONFIG", .is_positional = true});
    visit("set", self.overrides, "Override one key: path.to.key=value; may be repeated",
          OptionForm{.value = "KEY=VALUE"});
  }
};

class ConfigShow : public RequestVerb<ConfigSource> {
 public:
  ExitCode run(Context& context) override {
    const auto loaded = read_run_config(request_.config, request_.overrides);
    if (context.common.json) {
      print_json(to_json(loaded.options));
    } else {
      print(to_yaml(loaded.options, loaded.positions));
    }
    return ExitCode::kOk;
  }
};

class ConfigCheck : public RequestVerb<ConfigSource> {
 public:
  ExitCode run(Context& context) override {
    const auto loaded = read_run_config(request_.config, request_.overrides);
    if (context.common.json) {
      print_json({{"config", request_.config}, {"valid", true}, {"output_dir", loaded.options.output_dir}});
    } else {
      print(request_.config + ": ok\n");
    }
    return ExitCode::kOk;
  }
};

struct DescribeOptions {
  std::string prefix;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("key", self.prefix, "Key to explain (default: all)", OptionForm{.value = "KEY", .is_positional = true});
  }
};

class ConfigDescribe : public RequestVerb<DescribeOptions> {
 public:
  ExitCode run(Context& context) override {
    const auto fields = describe_fields<RunConfig>();
    if (context.common.json) {
      print_json(describe_json(fields));
    } else {
      print(describe_text(fields, request_.prefix));
    }
    return ExitCode::kOk;
  }
};

class ConfigSchema : public RequestVerb<NoOptions> {
 public:
  ExitCode run(Context&) override {
    print(to_json_text(json_schema<RunConfig>("llmtool run config"), 2) + "\n");
    return ExitCode::kOk;
  }
};

struct InitOptions {
  ConfigProposalRequest proposal;
  std::string output = "-";

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("data", self.proposal.data, "Training file", kRequired, OptionForm{.value = "FILE"});
    visit("model", self.proposal.model, "Model directory", kRequired, OptionForm{.value = "DIRECTORY"});
    visit("output", self.output, "File to write, - for standard output", OptionForm{.value = "FILE"});
  }
};

class ConfigInit : public RequestVerb<InitOptions> {
 public:
  ExitCode run(Context& context) override {
    const std::string& output = request_.output;
    require_distinct_paths({.inputs = {{"--data", request_.proposal.data}},
                            .folders = {{"--model", request_.proposal.model}},
                            .outputs = {{"--output", output}}});
    const ConfigProposal proposal = propose_config(request_.proposal);
    if (output == "-") {
      print(proposal.yaml);
      return ExitCode::kOk;
    }
    if (path_exists(output)) throw ResourceError(output + " exists already; choose another --output");
    write_file_atomically(output, proposal.yaml);
    if (context.common.json) print_json({{"config", output}});
    return ExitCode::kOk;
  }
};

struct ConfigPair {
  std::string left;
  std::string right;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("left", self.left, "Run config", kRequired, OptionForm{.value = "CONFIG", .is_positional = true});
    visit("right", self.right, "Run config", kRequired, OptionForm{.value = "CONFIG", .is_positional = true});
  }
};

class ConfigDiff : public RequestVerb<ConfigPair> {
 public:
  ExitCode run(Context& context) override {
    const auto left = read_run_config(request_.left, {});
    const auto right = read_run_config(request_.right, {});
    const auto differences = diff_options(left.options, right.options);
    if (context.common.json) {
      print_json({{"differences", list_of(differences)}});
    } else {
      print(lines_of(differences));
    }
    return ExitCode::kOk;
  }

 private:
  static std::string lines_of(const std::vector<FieldDifference>& differences) {
    std::string text;
    for (const FieldDifference& difference : differences) text += difference.to_string() + "\n";
    return text;
  }

  static Json list_of(const std::vector<FieldDifference>& differences) {
    Json list = Json::array();
    for (const FieldDifference& difference : differences)
      list.push_back({{"path", difference.path}, {"left", difference.left}, {"right", difference.right}});
    return list;
  }
};

}  // namespace

std::unique_ptr<Verb> make_config_verb() {
  static const std::vector<VerbRow> actions = {
      {"show", "Print the effective config: every value with its origin.",
       "llmtool config show configs/quickstart.yaml --set training.epochs=2", make_verb<ConfigShow>},
      {"check", "Check a config without running it.", "llmtool config check configs/quickstart.yaml",
       make_verb<ConfigCheck>},
      {"describe", "Explain every key, or those below one: type, default, limits.",
       "llmtool config describe training.optimizer", make_verb<ConfigDescribe>},
      {"schema", "Print the JSON Schema of a config, for editors.", "llmtool config schema > llmtool.schema.json",
       make_verb<ConfigSchema>},
      {"init", "Write a commented config for a data file and a model.",
       "llmtool config init --data reviews.csv --model models/all-MiniLM-L6-v2 --output reviews.yaml",
       make_verb<ConfigInit>},
      {"diff", "List the values in which two configs differ.",
       "llmtool config diff configs/quickstart.yaml configs/textbook.yaml", make_verb<ConfigDiff>},
  };
  return std::make_unique<VerbOfActions>(actions);
}

}  // namespace llmtool::app
