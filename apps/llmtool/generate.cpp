#include <CLI/CLI.hpp>

#include "compute.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class GenerateVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("model", arguments_.model,
                   "Directory of a causal language model, written by llmtool or Hugging Face")
        ->required()
        ->type_name("MODEL");
    CLI::Option* prompt = app.add_option("--prompt", arguments_.prompts, "Text to continue; may be repeated")
                              ->type_name("TEXT")
                              ->take_all()
                              ->allow_extra_args(false);
    app.add_option("--input", arguments_.input, "File of texts to continue, - for standard input; prints JSON Lines")
        ->type_name("FILE")
        ->excludes(prompt);
    app.add_option("--format", arguments_.format, "Format of the input: csv, tsv, jsonl, text or auto (by extension)")
        ->check(CLI::IsMember({"auto", "csv", "tsv", "jsonl", "text"}).description(""))
        ->type_name("FORMAT")
        ->capture_default_str();
    app.add_option("--text-column", arguments_.text_column, "Column of the text")
        ->type_name("NAME")
        ->capture_default_str();
    app.add_option("--max-new-tokens", arguments_.max_new_tokens, "Tokens to add at most")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20).description(""))
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--stop", arguments_.stop_strings, "End a text before this string; may be repeated")
        ->type_name("TEXT")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--batch-size", arguments_.batch_size, "Texts computed at once; does not change the result")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}).description(""))
        ->type_name("N")
        ->capture_default_str();
    add_choice_options(app);
  }

  ExitCode run(Context& context) override {
    if (arguments_.prompts.empty() && arguments_.input.empty())
      throw UsageError("generate needs --prompt TEXT or --input FILE");
    if (arguments_.num_beams > 1 && (arguments_.temperature || arguments_.top_k || arguments_.top_p))
      throw UsageError(
          "--temperature, --top-k and --top-p draw tokens, which --num-beams does not; use one or the other");
    if (arguments_.num_beams == 1 && (arguments_.early_stopping || arguments_.length_penalty != 1.0))
      throw UsageError("--length-penalty and --early-stopping are for beam search; add --num-beams");
    return run_generate(arguments_, context);
  }

 private:
  void add_choice_options(CLI::App& app) {
    constexpr const char* kGroup = "Choice of tokens (default: the most probable)";
    app.add_option("--temperature", arguments_.temperature, "Draw tokens; below 1 more cautiously, above 1 more freely")
        ->check(CLI::Range(1e-3, 1e3).description(""))
        ->type_name("NUMBER")
        ->group(kGroup);
    app.add_option("--top-k", arguments_.top_k, "Draw from this many most probable tokens")
        ->check(CLI::PositiveNumber.description(""))
        ->type_name("N")
        ->group(kGroup);
    app.add_option("--top-p", arguments_.top_p,
                   "Draw from the most probable tokens that have this probability together")
        ->check(CLI::Range(1e-6, 1.0).description(""))
        ->type_name("SHARE")
        ->group(kGroup);
    app.add_option("--seed", arguments_.seed, "Start of the random numbers; what is drawn depends on it and the prompt")
        ->check(CLI::NonNegativeNumber.description(""))
        ->type_name("N")
        ->capture_default_str()
        ->group(kGroup);
    app.add_option("--repetition-penalty", arguments_.repetition_penalty,
                   "Above 1: makes tokens that stand in the text already less probable")
        ->check(CLI::Range(1e-3, 1e3).description(""))
        ->type_name("NUMBER")
        ->capture_default_str()
        ->group(kGroup);
    app.add_option("--num-beams", arguments_.num_beams, "Beam search over so many beginnings")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{256}).description(""))
        ->type_name("N")
        ->capture_default_str()
        ->group(kGroup);
    app.add_option("--length-penalty", arguments_.length_penalty,
                   "Beam search: exponent of the length that a text's score is divided by")
        ->check(CLI::Range(-10.0, 10.0).description(""))
        ->type_name("NUMBER")
        ->capture_default_str()
        ->group(kGroup);
    app.add_flag("--early-stopping", arguments_.early_stopping,
                 "Beam search: end with the first texts that are finished instead of looking for better ones")
        ->group(kGroup);
  }

  GenerateArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_generate_verb() { return std::make_unique<GenerateVerb>(); }

}  // namespace llmtool::app
