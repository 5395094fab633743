#include <CLI/CLI.hpp>

#include "compute.h"
#include "number_check.h"
#include "session_options.h"
#include "table_options.h"
#include "verb.h"

namespace llmtool::app {
namespace {

class EvalVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option(
           "--data", arguments_.data,
           "Labelled file, - for standard input: CSV, TSV or JSONL, also .gz; language models: text too, and patterns "
           "such as 'corpus/*.txt'")
        ->required()
        ->type_name("FILE");
    app.add_option("--format", arguments_.format, "csv, tsv, jsonl, text (language models) or auto (by extension)")
        ->check(CLI::IsMember({"auto", "csv", "tsv", "jsonl", "text"}).description(""))
        ->type_name("FORMAT")
        ->capture_default_str();
    app.add_flag("--no-header", arguments_.no_header, "CSV and TSV: columns have no names but positions 0, 1, …");
    add_table_options(app, arguments_.table);
    app.add_option("--text-column", arguments_.text_columns,
                   "Column of the text; twice for pairs (default: as trained, else text)")
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false)
        ->expected(1, 2);
    app.add_option("--label-column", arguments_.label_column, "Column of the label (default: as trained, else label)")
        ->type_name("NAME");
    app.add_option("--unknown-label", arguments_.unknown_label, "Rows whose label the model does not know: error, skip")
        ->check(CLI::IsMember({"error", "skip"}).description(""))
        ->type_name("WHAT")
        ->capture_default_str();
    app.add_option("--max-rows", arguments_.max_rows, "Read only the first rows")
        ->check(within(at_least(1)))
        ->type_name("N");
    app.add_option("--positive-label", arguments_.positive_label,
                   "Of two labels: the one whose precision, recall and F1 are shown (default: the second)")
        ->type_name("NAME");
    add_session_options(app, arguments_);
    app.add_option("--predictions", arguments_.predictions,
                   "Also write row, gold, predicted, scores and loss to this CSV, TSV or JSONL file")
        ->type_name("FILE");
    app.add_option("--require", arguments_.requirements,
                   "Exit with 9 unless the figure holds, for example macro_f1>=0.8; may be repeated")
        ->type_name("METRIC>=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    add_language_model_options(app);
  }

  ExitCode run(Context& context) override { return run_eval(arguments_, context); }

 private:
  void add_language_model_options(CLI::App& app) {
    constexpr const char* kGroup = "Language models";
    app.add_option("--document", arguments_.document,
                   "What a document of a text file is: line, blank_line, file (default: as trained, else line)")
        ->check(CLI::IsMember({"line", "blank_line", "file"}).description(""))
        ->type_name("UNIT")
        ->group(kGroup);
    app.add_option("--packing", arguments_.packing,
                   "blocks of documents behind each other, or lines: each document alone (default: as trained, else "
                   "blocks)")
        ->check(CLI::IsMember({"blocks", "lines"}).description(""))
        ->type_name("HOW")
        ->group(kGroup);
    app.add_option(
           "--stride", arguments_.stride,
           "Tokens from one window to the next; those both have are context in the second (default: no overlap)")
        ->check(within(at_least(1)))
        ->type_name("N")
        ->group(kGroup);
    app.add_flag("--pseudo-perplexity", arguments_.pseudo_perplexity,
                 "Masked language models: hide every token once and alone; slow")
        ->group(kGroup);
  }

  EvalArguments arguments_;
};

}  // namespace

std::unique_ptr<Verb> make_eval_verb() { return std::make_unique<EvalVerb>(); }

}  // namespace llmtool::app
