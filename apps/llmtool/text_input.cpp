#include "text_input.h"

#include <CLI/CLI.hpp>

#include "llmtool/core/errors.h"
#include "table_options.h"

namespace llmtool::app {

void add_text_input_options(CLI::App& app, TextInputArguments& arguments) {
  app.add_option("--input", arguments.patterns, "Files of texts, also gzipped; \"corpus/*.txt\" names several")
      ->required()
      ->type_name("FILE");
  app.add_option("--format", arguments.format, "csv, tsv, jsonl, text (a line a text) or auto (by extension)")
      ->check(CLI::IsMember({"auto", "csv", "tsv", "jsonl", "text"}).description(""))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_option("--text-column", arguments.text_column, "Column of the text, where there are columns")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_flag("--no-header", arguments.no_header, "CSV and TSV: columns have no names but positions 0, 1, …");
  add_table_options(app, arguments.table);
}

TextInput::TextInput(const TextInputArguments& arguments)
    : source_{.files = expand_file_patterns(arguments.patterns),
              .format = *enum_from_name<FileFormat>(arguments.format),
              .header = !arguments.no_header,
              .column = arguments.text_column,
              .layout = table_layout(arguments.table)},
      reader_(std::make_unique<DocumentReader>(source_)) {}

bool TextInput::next(std::string& text) {
  if (!reader_->next(document_)) return false;
  text = document_.text;
  return true;
}

std::string TextInput::place() const {
  return SourcePosition{source_.files[document_.file], document_.line, 0}.to_string();
}

}  // namespace llmtool::app
