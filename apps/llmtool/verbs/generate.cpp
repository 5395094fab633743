#include "compute.h"
#include "llmtool/commands/generate_options.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class GenerateVerb : public RequestVerb<GenerateOptions> {
 public:
  ExitCode run(Context& context) override {
    if (request_.prompts.empty() && request_.input.empty())
      throw UsageError("generate needs --prompt TEXT or --input FILE");
    const GenerationChoice& choice = request_.choice;
    if (choice.num_beams.value_or(1) > 1 && (choice.temperature || choice.top_k || choice.top_p))
      throw UsageError(
          "--temperature, --top-k and --top-p draw tokens, which --num-beams does not; use one or the other");
    return compute(request_, context);
  }
  std::string_view memory_advice() const override {
    return "use a smaller --batch-size, --num-beams or --max-new-tokens, or a machine with more memory";
  }
};

}  // namespace

std::unique_ptr<Verb> make_generate_verb() { return std::make_unique<GenerateVerb>(); }

}  // namespace llmtool::app
