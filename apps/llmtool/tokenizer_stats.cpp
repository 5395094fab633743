#include <CLI/CLI.hpp>

#include "figures.h"
#include "llmtool/tokenizer/token_statistics.h"
#include "load_tokenizer.h"
#include "number_check.h"
#include "text_input.h"
#include "tokenizer_actions.h"

namespace llmtool::app {
namespace {

std::string statistics_text(const Json& figures) {
  std::string text = figure_line("texts", figures["num_texts"]) +
                     figure_line("tokens per text", figures["tokens_per_text"]) +
                     figure_line("tokens per word", figures["tokens_per_word"]) +
                     figure_line("tokens per byte", figures["tokens_per_byte"]) +
                     figure_line("characters per token", figures["characters_per_token"]) +
                     figure_line("longest text, in tokens", figures["most_tokens"]) +
                     figure_line("unknown tokens, share", figures["unknown_share"]);
  if (figures.contains("overlong_share"))
    text += figure_line("over " + figures["max_length"].dump() + " tokens, share", figures["overlong_share"]);
  text += figure_line("distinct unknown words", figures["num_distinct_unknown_words"]);
  for (const Json& word : figures["unknown_words"])
    text += figure_line("  " + quote(word["word"].get<std::string>()), word["count"]);
  return text;
}

class TokenizerStats : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("model", model_, "Directory with tokenizer.json, vocab.txt, or vocab.json and merges.txt")
        ->required()
        ->type_name("DIRECTORY");
    add_text_input_options(app, input_);
    app.add_option("--max-length", max_length_, "Count texts with more tokens than this, special ones included")
        ->check(within(at_least(1)))
        ->type_name("N");
    app.add_option("--show", num_shown_, "Most frequent unknown words to show")
        ->check(within(at_least(0)))
        ->type_name("N")
        ->capture_default_str();
  }

  ExitCode run(Context& context) override {
    const Tokenizer tokenizer = load_tokenizer(model_, context);
    TextInput input(input_);
    TokenStatistics statistics(tokenizer, max_length_);
    for (std::string text; input.next(text);) {
      statistics.add(text);
      if (statistics.num_texts() % kTextsPerReport == 0)
        context.log().progress(
            {.name = "counting tokens", .done = statistics.num_texts(), .unit = "texts", .detail = ""});
    }
    const Json figures = statistics.to_json(num_shown_);
    if (context.common.json) {
      print_json(figures);
    } else {
      print(statistics_text(figures));
    }
    return ExitCode::kOk;
  }

 private:
  std::string model_;
  TextInputArguments input_;
  std::optional<std::int64_t> max_length_;
  std::size_t num_shown_ = 20;
};

}  // namespace

std::unique_ptr<Verb> make_tokenizer_stats() { return std::make_unique<TokenizerStats>(); }

}  // namespace llmtool::app
