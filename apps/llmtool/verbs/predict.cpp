#include "compute.h"
#include "llmtool/commands/predict_options.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class PredictVerb : public RequestVerb<PredictOptions> {
 public:
  ExitCode run(Context& context) override { return compute(request_, context); }
  std::string_view memory_advice() const override {
    return "use a smaller --batch-size or --max-length, or a machine with more memory for this model";
  }
};

}  // namespace

std::unique_ptr<Verb> make_predict_verb() { return std::make_unique<PredictVerb>(); }

}  // namespace llmtool::app
