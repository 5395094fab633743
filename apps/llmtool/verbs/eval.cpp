#include "compute.h"
#include "llmtool/commands/eval_options.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class EvalVerb : public RequestVerb<EvalOptions> {
 public:
  ExitCode run(Context& context) override { return compute(request_, context); }
  std::string_view memory_advice() const override {
    return "use a smaller --batch-size or --max-length, or a machine with more memory for this model";
  }
};

}  // namespace

std::unique_ptr<Verb> make_eval_verb() { return std::make_unique<EvalVerb>(); }

}  // namespace llmtool::app
