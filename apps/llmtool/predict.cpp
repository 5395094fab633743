#include <CLI/CLI.hpp>

#include "compute.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class PredictVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("model", arguments_.model, "Model directory, written by llmtool or Hugging Face")
        ->required()
        ->type_name("MODEL");
    app.add_option("--input", arguments_.input, "File of texts, - for standard input")->required()->type_name("FILE");
    app.add_option("--output", arguments_.output, "File of predictions, - for standard output")
        ->type_name("FILE")
        ->capture_default_str();
    add_format(app, "--format", arguments_.format, "Format of the input: csv, tsv, jsonl, text or auto (by extension)");
    add_format(app, "--output-format", arguments_.output_format,
               "Format of the output: csv, tsv, jsonl or auto (by extension, else as the input, jsonl for text)");
    app.add_flag("--no-header", arguments_.no_header, "CSV and TSV: columns have no names but positions 0, 1, …");
    app.add_option("--text-column", arguments_.text_columns,
                   "Column of the text; twice for pairs (default: as trained, else text)")
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false)
        ->expected(1, 2);
    app.add_option("--rejects", arguments_.rejects, "Write rows that cannot be read here, with the reason, and go on")
        ->type_name("FILE");
    app.add_option("--prefix", arguments_.prefix, "Put this before the names of the added columns")->type_name("TEXT");
    app.add_option("--max-length", arguments_.max_length, "Cut texts to this many tokens (default: as trained)")
        ->check(CLI::PositiveNumber.description(""))
        ->type_name("N");
    app.add_option("--batch-size", arguments_.batch_size, "Rows computed at once; does not change the result")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}).description(""))
        ->type_name("N")
        ->capture_default_str();
  }

  ExitCode run(Context& context) override { return run_predict(arguments_, context); }

 private:
  static void add_format(CLI::App& app, const char* name, std::string& format, const char* help) {
    app.add_option(name, format, help)
        ->check(CLI::IsMember({"auto", "csv", "tsv", "jsonl", "text"}).description(""))
        ->type_name("FORMAT")
        ->capture_default_str();
  }

  PredictArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_predict_verb() { return std::make_unique<PredictVerb>(); }

}  // namespace llmtool::app
