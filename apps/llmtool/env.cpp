#include "compute.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class EnvVerb : public Verb {
 public:
  void add_options(CLI::App&) override {}
  ExitCode run(Context& context) override { return run_env(context); }
};

}  // namespace

std::unique_ptr<Verb> make_env_verb() { return std::make_unique<EnvVerb>(); }

}  // namespace llmtool::app
