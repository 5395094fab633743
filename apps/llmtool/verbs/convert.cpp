#include "llmtool/commands/convert.h"

#include "compute.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class ConvertVerb : public RequestVerb<ConvertRequest> {
 public:
  ExitCode run(Context& context) override { return compute(request_, context); }
};

}  // namespace

std::unique_ptr<Verb> make_convert_verb() { return std::make_unique<ConvertVerb>(); }

}  // namespace llmtool::app
