#include <CLI/CLI.hpp>

#include "compute.h"
#include "llmtool/generation/options.h"
#include "number_check.h"
#include "table_options.h"
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
    add_table_options(app, arguments_.table);
    app.add_option("--text-column", arguments_.text_column, "Column of the text")
        ->type_name("NAME")
        ->capture_default_str();
    app.add_option("--max-new-tokens", arguments_.max_new_tokens, "Tokens to add at most (default: 50)")
        ->check(within(limits::kMaxNewTokens))
        ->type_name("N");
    app.add_option("--stop", arguments_.stop_strings, "End a text before this string; may be repeated")
        ->check(CLI::Validator(
            [](const std::string& text) { return text.empty() ? "the text to stop before is empty" : std::string(); },
            ""))
        ->type_name("TEXT")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--batch-size", arguments_.batch_size, "Texts computed at once; does not change the result")
        ->check(within(in_range<std::int64_t>(1, 65536)))
        ->type_name("N")
        ->capture_default_str();
    add_choice_options(app);
  }

  ExitCode run(Context& context) override {
    if (arguments_.prompts.empty() && arguments_.input.empty())
      throw UsageError("generate needs --prompt TEXT or --input FILE");
    if (arguments_.num_beams.value_or(1) > 1 && (arguments_.temperature || arguments_.top_k || arguments_.top_p))
      throw UsageError(
          "--temperature, --top-k and --top-p draw tokens, which --num-beams does not; use one or the other");
    return run_generate(arguments_, context);
  }

 private:
  void add_choice_options(CLI::App& app) {
    constexpr const char* kGroup =
        "Choice of tokens (default: as generation_config.json of the model has it, else the most probable)";
    app.add_option("--temperature", arguments_.temperature, "Draw tokens; below 1 more cautiously, above 1 more freely")
        ->check(within(limits::kTemperature))
        ->type_name("NUMBER")
        ->group(kGroup);
    app.add_option("--top-k", arguments_.top_k, "Draw from this many most probable tokens")
        ->check(within(Range<std::int64_t>{1, limits::kTopK.high}))
        ->type_name("N")
        ->group(kGroup);
    app.add_option("--top-p", arguments_.top_p,
                   "Draw from the most probable tokens that have this probability together")
        ->check(within(limits::kTopP))
        ->type_name("SHARE")
        ->group(kGroup);
    app.add_option("--seed", arguments_.seed, "Start of the random numbers; what is drawn depends on it and the prompt")
        ->check(within(at_least(0)))
        ->type_name("N")
        ->capture_default_str()
        ->group(kGroup);
    app.add_option("--repetition-penalty", arguments_.repetition_penalty,
                   "Above 1: makes tokens that stand in the text already less probable")
        ->check(within(limits::kPenalty))
        ->type_name("NUMBER")
        ->group(kGroup);
    app.add_option("--num-beams", arguments_.num_beams, "Beam search over so many beginnings")
        ->check(within(limits::kNumBeams))
        ->type_name("N")
        ->group(kGroup);
    app.add_option("--length-penalty", arguments_.length_penalty,
                   "Beam search: exponent of the length that a text's score is divided by")
        ->check(within(limits::kLengthPenalty))
        ->type_name("NUMBER")
        ->group(kGroup);
    app.add_flag("--early-stopping", arguments_.early_stopping,
                 "Beam search: end with the first texts that are finished instead of looking for better ones")
        ->group(kGroup);
    app.add_flag("--ignore-generation-config", arguments_.ignore_generation_config,
                 "Use nothing of the model's generation_config.json but its end tokens")
        ->group(kGroup);
  }

  GenerateArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_generate_verb() { return std::make_unique<GenerateVerb>(); }

}  // namespace llmtool::app
