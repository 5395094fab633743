#include <CLI/CLI.hpp>

#include "figures.h"
#include "llmtool/tokenizer/tokenizer_comparison.h"
#include "load_tokenizer.h"
#include "number_check.h"
#include "text_input.h"
#include "tokenizer_actions.h"

namespace llmtool::app {
namespace {

std::string diff_text(const Json& figures) {
  const Json& vocabulary = figures["vocabulary"];
  std::string text =
      figure_line("texts", figures["num_texts"]) + figure_line("equal ids, share", figures["equal_share"]) +
      figure_line("tokens per text, left", figures["tokens_per_text"]["left"]) +
      figure_line("tokens per text, right", figures["tokens_per_text"]["right"]) +
      figure_line("vocabulary, left", vocabulary["left"]) + figure_line("vocabulary, right", vocabulary["right"]) +
      figure_line("tokens of both", vocabulary["shared"]) +
      figure_line("of these with equal ids", vocabulary["shared_with_equal_id"]) +
      figure_line("share of all tokens that both have", vocabulary["overlap"]);
  for (const Json& difference : figures["first_differences"])
    text += difference["place"].get<std::string>() + ": " + quote(difference["text"].get<std::string>()) +
            "\n  left:  " + difference["left"]["tokens"].dump() + "\n  right: " + difference["right"]["tokens"].dump() +
            "\n";
  return text;
}

class TokenizerDiff : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("left", left_, "Directory of a tokenizer")->required()->type_name("DIRECTORY");
    app.add_option("right", right_, "Directory of another")->required()->type_name("DIRECTORY");
    add_text_input_options(app, input_);
    app.add_option("--show", num_shown_, "Differing texts to show")
        ->check(within(at_least(0)))
        ->type_name("N")
        ->capture_default_str();
  }

  ExitCode run(Context& context) override {
    const Tokenizer left = load_tokenizer(left_, context);
    const Tokenizer right = load_tokenizer(right_, context);
    TextInput input(input_);
    TokenizerComparison comparison(left, right, num_shown_);
    for (std::string text; input.next(text);) {
      comparison.add(text, input.place());
      if (comparison.num_texts() % kTextsPerReport == 0)
        context.log().progress({.name = "comparing", .done = comparison.num_texts(), .unit = "texts", .detail = ""});
    }
    if (context.common.json) {
      print_json(comparison.to_json());
    } else {
      print(diff_text(comparison.to_json()));
    }
    return ExitCode::kOk;
  }

 private:
  std::string left_;
  std::string right_;
  TextInputArguments input_;
  std::size_t num_shown_ = 5;
};

}  // namespace

std::unique_ptr<Verb> make_tokenizer_diff() { return std::make_unique<TokenizerDiff>(); }

}  // namespace llmtool::app
