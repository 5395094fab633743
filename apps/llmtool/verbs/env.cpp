#include "verbs/env.h"

#include "compute.h"

namespace llmtool::app {
namespace {

class EnvVerb : public RequestVerb<EnvOptions> {
 public:
  ExitCode run(Context& context) override { return compute(request_, context); }
};

}  // namespace

std::unique_ptr<Verb> make_env_verb() { return std::make_unique<EnvVerb>(); }

}  // namespace llmtool::app
