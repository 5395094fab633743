#include <CLI/CLI.hpp>

#include "answered_rows_options.h"
#include "compute.h"
#include "number_check.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class PredictVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    add_answered_rows_options(app, arguments_, "predictions");
    CLI::Option* fill_mask =
        app.add_flag("--fill-mask", arguments_.fill_mask,
                     "With a masked language model: find the tokens for the mask tokens of a text");
    app.add_option("--top-k", arguments_.top_k, "Tokens for each mask (default: 5)")
        ->check(within(in_range<std::int64_t>(1, 1000)))
        ->type_name("N")
        ->needs(fill_mask);
  }

  ExitCode run(Context& context) override { return run_predict(arguments_, context); }

 private:
  PredictArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_predict_verb() { return std::make_unique<PredictVerb>(); }

}  // namespace llmtool::app
