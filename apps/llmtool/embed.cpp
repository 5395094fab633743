#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

#include "answered_rows_options.h"
#include "compute.h"
#include "llmtool/core/utf8.h"
#include "llmtool/nn/pooling_kind.h"
#include "verb.h"

namespace llmtool::app {
namespace {

std::vector<std::string> pooling_names() {
  std::vector<std::string> names;
  for (const auto& [pooling, name] : EnumNames<Pooling>::kNames) names.emplace_back(name);
  return names;
}

// "query: ": what some models are to be given before every text, rather than the beginning of a column's name.
bool looks_like_prompt(const std::string& prefix) {
  return prefix.ends_with(':') || std::ranges::any_of(prefix, [](unsigned char c) { return std::isspace(c) != 0; });
}

void check_texts(const EmbedArguments& arguments) {
  if (looks_like_prompt(arguments.prefix))
    throw UsageError("--prefix " + quote(arguments.prefix) +
                     " would be put before the names of the added columns; --prompt puts a text before every text");
  if (arguments.prompt && find_invalid_utf8(*arguments.prompt)) throw UsageError("--prompt is not UTF-8");
}

class EmbedVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    add_answered_rows_options(app, arguments_, "rows with an embedding each, or a matrix when it is named .npy");
    app.get_option("--text-column")
        ->description(
            "Column of the text; twice for pairs, of which one vector is made (default: as trained, else text)");
    auto* prompt = app.add_option("--prompt", arguments_.prompt,
                                  "Put this before every text, such as \"query: \" (default: as the model's "
                                  "config_sentence_transformers.json says, else nothing)");
    prompt->type_name("TEXT");
    app.add_option("--prompt-name", arguments_.prompt_name, "Put the model's prompt of this name before every text")
        ->type_name("NAME")
        ->excludes(prompt);
    app.add_option("--pooling", arguments_.pooling,
                   "The vector of a text: mean of those of its tokens, cls, that of the first, or another mode of "
                   "sentence-transformers (default: as the model's modules.json says, else mean)")
        ->check(CLI::IsMember(pooling_names()).description(""))
        ->type_name("HOW");
    auto* normalize = app.add_flag("--normalize", arguments_.normalize,
                                   "Give the vectors length 1 (default: as modules.json says; without it, yes)");
    app.add_flag("--no-normalize", arguments_.no_normalize, "Leave the vectors at their own lengths")
        ->excludes(normalize);
  }

  ExitCode run(Context& context) override {
    check_texts(arguments_);
    return run_embed(arguments_, context);
  }

 private:
  EmbedArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_embed_verb() { return std::make_unique<EmbedVerb>(); }

}  // namespace llmtool::app
