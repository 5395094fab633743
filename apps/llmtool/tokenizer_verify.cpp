#include <CLI/CLI.hpp>

#include "llmtool/tokenizer/tokenizer_verification.h"
#include "load_tokenizer.h"
#include "number_check.h"
#include "tokenizer_actions.h"

namespace llmtool::app {
namespace {

// "golden.jsonl:3: ids differ at 2: expected [101,7592,102], found [101,102]; text 'hello'"
std::string difference_line(const std::string& file, const Json& difference) {
  return file + ":" + difference["line"].dump() + ": " + difference["what"].get<std::string>() + " differ at " +
         difference["position"].dump() + ": expected " + difference["expected"].dump() + ", found " +
         difference["found"].dump() + "; text " + quote(difference["text"].get<std::string>()) + "\n";
}

class TokenizerVerify : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("model", model_, "Directory with tokenizer.json, vocab.txt, or vocab.json and merges.txt")
        ->required()
        ->type_name("DIRECTORY");
    app.add_option("--golden", golden_,
                   "JSON Lines {\"text\": …, \"pair\": …, \"ids\": […], \"offsets\": [[0, 3], …]}; pair and offsets "
                   "where recorded")
        ->required()
        ->type_name("FILE");
    app.add_option("--show", num_shown_, "Differing rows to show")
        ->check(within(at_least(0)))
        ->type_name("N")
        ->capture_default_str();
    app.add_flag("--no-special-tokens", no_special_tokens_, "The ids were recorded without [CLS], [SEP] and the like");
  }

  ExitCode run(Context& context) override {
    const Tokenizer tokenizer = load_tokenizer(model_, context);
    const auto rows = open_rows(golden_, {.format = FileFormat::kJsonl, .header = true, .on_bad_row = {}});
    const TokenizerVerification result = verify_tokenizer(tokenizer, *rows, !no_special_tokens_, num_shown_);
    if (context.common.json) {
      print_json({{"num_rows", result.num_rows},
                  {"num_different", result.num_different},
                  {"first_differences", result.first_differences}});
    } else {
      std::string text;
      for (const Json& difference : result.first_differences) text += difference_line(golden_, difference);
      print(text + std::to_string(result.num_rows - result.num_different) + " of " + std::to_string(result.num_rows) +
            " rows are equal\n");
    }
    return result.num_different == 0 ? ExitCode::kOk : ExitCode::kQualityGate;
  }

 private:
  std::string model_;
  std::string golden_;
  std::size_t num_shown_ = 5;
  bool no_special_tokens_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_tokenizer_verify() { return std::make_unique<TokenizerVerify>(); }

}  // namespace llmtool::app
