#include <algorithm>
#include <cctype>

#include "compute.h"
#include "llmtool/commands/embed_options.h"
#include "llmtool/core/text.h"
#include "verb.h"

namespace llmtool::app {
namespace {

// "query: ": what some models are to be given before every text, rather than the beginning of a column's name.
bool looks_like_prompt(const std::string& prefix) {
  return prefix.ends_with(':') || std::ranges::any_of(prefix, [](unsigned char c) { return std::isspace(c) != 0; });
}

void check_texts(const EmbedOptions& options) {
  if (looks_like_prompt(options.prefix))
    throw UsageError("--prefix " + quote(options.prefix) +
                     " would be put before the names of the added columns; --prompt puts a text before every text");
  if (options.embedding.prompt && find_invalid_utf8(*options.embedding.prompt))
    throw UsageError("--prompt is not UTF-8");
}

class EmbedVerb : public RequestVerb<EmbedOptions> {
 public:
  ExitCode run(Context& context) override {
    check_texts(request_);
    return compute(request_, context);
  }
  std::string_view memory_advice() const override {
    return "use a smaller --batch-size or --max-length, or a machine with more memory for this model";
  }
};

}  // namespace

std::unique_ptr<Verb> make_embed_verb() { return std::make_unique<EmbedVerb>(); }

}  // namespace llmtool::app
