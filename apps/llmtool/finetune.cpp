#include <CLI/CLI.hpp>

#include "compute.h"
#include "run_config_file.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class FinetuneVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("config", arguments_.config, "Run config, YAML or JSON")->required()->type_name("CONFIG");
    app.add_option("--set", arguments_.overrides, "Override one key of the config: path.to.key=value; may be repeated")
        ->type_name("KEY=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--resume", arguments_.resume,
                   "auto continues an unfinished run of the same config; never refuses to: auto, never")
        ->check(CLI::IsMember({"auto", "never"}).description(""))
        ->type_name("WHEN")
        ->capture_default_str();
    app.add_flag("--overwrite", arguments_.overwrite, "Delete what an earlier run left in output_dir and start anew");
    app.add_flag("--log-data", arguments_.log_data, "Log three decoded training inputs at the start");
  }

  ExitCode run(Context& context) override {
    read_run_config(arguments_.config, arguments_.overrides);  // wrong keys are told before LibTorch is loaded
    return run_finetune(arguments_, context);
  }

 private:
  FinetuneArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_finetune_verb() { return std::make_unique<FinetuneVerb>(); }

}  // namespace llmtool::app
