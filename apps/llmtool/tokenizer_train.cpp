#include <CLI/CLI.hpp>
#include <filesystem>

#include "llmtool/core/distinct_paths.h"
#include "llmtool/core/file_system.h"
#include "llmtool/tokenizer/tokenizer_training.h"
#include "number_check.h"
#include "text_input.h"
#include "threads.h"
#include "tokenizer_actions.h"

namespace llmtool::app {
namespace {

namespace fs = std::filesystem;

// Before hours of reading, and without taking away what is no trained tokenizer.
void require_free(const fs::path& output, bool overwrite) {
  if (!path_exists(output)) return;
  if (is_empty_folder(output)) return;
  if (!overwrite)
    throw ResourceError(output.string() + " exists already; choose another folder, or renew it with --overwrite");
  if (!path_exists(output / "tokenizer.json") || path_exists(output / "config.json"))
    throw ResourceError(output.string() +
                        " holds something else than a trained tokenizer, so --overwrite leaves it alone; choose "
                        "another folder");
}

class TokenizerTrain : public Verb {
 public:
  void add_options(CLI::App& app) override {
    add_text_input_options(app, input_);
    app.add_option("--output", output_, "Directory to write")->required()->type_name("DIRECTORY");
    app.add_option("--type", type_, "wordpiece (as BERT), bpe (bytes, as GPT-2) or unigram (SentencePiece, as ALBERT)")
        ->check(CLI::IsMember({"wordpiece", "bpe", "unigram"}).description(""))
        ->type_name("TYPE")
        ->capture_default_str();
    app.add_option("--vocab-size", training_.vocab_size, "Tokens, special ones and characters included")
        ->check(within(in_range<std::int64_t>(1, 1 << 24)))
        ->type_name("N")
        ->capture_default_str();
    app.add_flag("--lowercase", training_.lowercase, "Text is lowercased first; with wordpiece accents go, too");
    app.add_option("--min-frequency", training_.min_frequency,
                   "wordpiece, bpe: occurrences that make a pair a token (default: 2)")
        ->check(within(at_least(1)))
        ->type_name("N");
    app.add_option(
           "--special-tokens", training_.special_tokens,
           "wordpiece, bpe: a further special token, behind [PAD] [UNK] [CLS] [SEP] [MASK] or <|endoftext|>; may "
           "be repeated. With bpe, <mask> becomes the mask token and <pad> that for padding")
        ->type_name("TOKEN")
        ->take_all()
        ->allow_extra_args(false);  // CLI11 would take [MASK] for a list
    app.add_option("--limit-alphabet", training_.limit_alphabet,
                   "wordpiece: most characters; rarer ones become [UNK] (default: 1000)")
        ->check(within(at_least(1)))
        ->type_name("N");
    app.add_flag("--overwrite", overwrite_, "Replace the tokenizer in the output directory");
  }

  ExitCode run(Context& context) override {
    training_.kind = *enum_from_name<TrainedKind>(type_);
    require_distinct_paths({.inputs = input_paths(), .folders = {}, .outputs = {{"--output", output_}}});
    require_free(output_, overwrite_);
    TextInput input(input_);
    const TokenizerTrainingResult result = train_tokenizer(
        training_, [&](std::string& text) { return input.next(text); }, output_,
        choose_threads(context.common.threads).threads, context.log());
    if (context.common.json) {
      Json object{{"output", output_}, {"type", type_}};
      object.update(result.to_json());
      print_json(object);
    } else {
      print(output_ + ": " + std::to_string(result.vocabulary_size) + " tokens, from " +
            std::to_string(result.counts.num_texts) + " texts\n");
    }
    return ExitCode::kOk;
  }

 private:
  std::vector<NamedPath> input_paths() const {
    std::vector<NamedPath> paths;
    for (const std::string& file : expand_file_patterns(input_.patterns)) paths.push_back({"--input", file});
    return paths;
  }

  TextInputArguments input_;
  std::string output_;
  std::string type_ = "wordpiece";
  TokenizerTraining training_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_tokenizer_train() { return std::make_unique<TokenizerTrain>(); }

}  // namespace llmtool::app
