#include "answered_rows_options.h"

#include <CLI/CLI.hpp>

#include "session_options.h"
#include "table_options.h"

namespace llmtool::app {
namespace {

void add_format(CLI::App& app, const char* name, std::string& format, const char* help) {
  app.add_option(name, format, help)
      ->check(CLI::IsMember({"auto", "csv", "tsv", "jsonl", "text"}).description(""))
      ->type_name("FORMAT")
      ->capture_default_str();
}

}  // namespace

void add_answered_rows_options(CLI::App& app, AnsweredRowsArguments& arguments, const std::string& answers) {
  app.add_option("--input", arguments.input, "File of texts, - for standard input")->required()->type_name("FILE");
  app.add_option("--output", arguments.output, "File of " + answers + ", - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  add_format(app, "--format", arguments.format, "Format of the input: csv, tsv, jsonl, text or auto (by extension)");
  add_format(app, "--output-format", arguments.output_format,
             "Format of the output: csv, tsv, jsonl or auto (by extension, else as the input, jsonl for text)");
  app.add_flag("--no-header", arguments.no_header, "CSV and TSV: columns have no names but positions 0, 1, …");
  add_table_options(app, arguments.table);
  app.add_option("--text-column", arguments.text_columns,
                 "Column of the text; twice for pairs (default: as trained, else text)")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false)
      ->expected(1, 2);
  app.add_option("--rejects", arguments.rejects, "Write rows that cannot be read here, with the reason, and go on")
      ->type_name("FILE");
  app.add_option("--prefix", arguments.prefix, "Put this before the names of the added columns")->type_name("TEXT");
  add_session_options(app, arguments);
}

}  // namespace llmtool::app
