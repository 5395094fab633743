#include <CLI/CLI.hpp>

#include "answered_rows_options.h"
#include "compute.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class EmbedVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    add_answered_rows_options(app, arguments_, "rows with an embedding each, or a matrix when it is named .npy");
    app.add_option("--pooling", arguments_.pooling,
                   "The vector of a text: mean of those of its tokens, or cls, that of the first (default: as "
                   "1_Pooling/config.json of the model says, else mean)")
        ->check(CLI::IsMember({"mean", "cls"}).description(""))
        ->type_name("HOW");
    app.add_flag("--no-normalize", arguments_.no_normalize, "Leave the vectors at their own lengths instead of 1");
  }

  ExitCode run(Context& context) override { return run_embed(arguments_, context); }

 private:
  EmbedArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_embed_verb() { return std::make_unique<EmbedVerb>(); }

}  // namespace llmtool::app
