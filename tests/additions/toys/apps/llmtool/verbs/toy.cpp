#include <cstdint>
#include <string>

#include "verb.h"

namespace llmtool::app {
namespace {

struct ToyOptions {
  std::string word;
  std::int64_t times = 1;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("word", self.word, "What to say", kRequired, OptionForm{.value = "WORD", .is_positional = true});
    visit("times", self.times, "How often", in_range<std::int64_t>(1, 9));
  }
};

class ToyVerb : public RequestVerb<ToyOptions> {
 public:
  ExitCode run(Context&) override {
    for (std::int64_t time = 0; time < request_.times; ++time) print(request_.word + "\n");
    return ExitCode::kOk;
  }
};

}  // namespace

std::unique_ptr<Verb> make_toy_verb() { return std::make_unique<ToyVerb>(); }

}  // namespace llmtool::app
