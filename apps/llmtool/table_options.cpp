#include "table_options.h"

#include <CLI/CLI.hpp>

namespace llmtool::app {

void add_table_options(CLI::App& app, TableArguments& arguments) {
  app.add_option("--delimiter", arguments.delimiter,
                 "CSV: what stands between fields: \",\" \";\" tab \"|\" or auto (by the first lines)")
      ->check(CLI::IsMember({"auto", ",", ";", "tab", "|"}).description(""))
      ->type_name("WHAT")
      ->capture_default_str();
  app.add_option("--max-row-mib", arguments.max_row_mib, "A longer row, in MiB, is an error")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1024}).description(""))
      ->type_name("N")
      ->capture_default_str();
}

TableLayout table_layout(const TableArguments& arguments) {
  return {*enum_from_name<Delimiter>(arguments.delimiter), arguments.max_row_mib};
}

}  // namespace llmtool::app
