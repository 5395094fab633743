#include <CLI/CLI.hpp>

#include "compute.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class ConvertVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("model", arguments_.model, "Model directory: safetensors, sharded or pytorch_model.bin")
        ->required()
        ->type_name("MODEL");
    app.add_option("output", arguments_.output, "Directory to write; must not exist")->required()->type_name("DIR");
    app.add_option("--head", arguments_.head,
                   "What the written model ends with: none (the encoder alone), sequence_classification, masked_lm, "
                   "pretraining or causal_lm (default: as config.json says)")
        ->check(
            CLI::IsMember({"none", "sequence_classification", "masked_lm", "pretraining", "causal_lm"}).description(""))
        ->type_name("HEAD");
    app.add_option("--dtype", arguments_.dtype, "Numbers of the written weights: fp32, fp16 or bf16")
        ->check(CLI::IsMember({"fp32", "fp16", "bf16"}).description(""))
        ->type_name("TYPE")
        ->capture_default_str();
    app.add_option("--ignore", arguments_.ignore,
                   "Weights to pass over, as if they were not there: a name in which * stands for any characters and ? "
                   "for one; may be given several times")
        ->expected(1)
        ->type_name("PATTERN");
  }

  ExitCode run(Context& context) override { return run_convert(arguments_, context); }

 private:
  ConvertArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_convert_verb() { return std::make_unique<ConvertVerb>(); }

}  // namespace llmtool::app
