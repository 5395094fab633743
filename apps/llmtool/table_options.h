#pragma once

#include "arguments.h"
#include "llmtool/formats/table_layout.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// What every verb that reads rows can be told about its file, besides format and header.
void add_table_options(CLI::App& app, TableArguments& arguments);
TableLayout table_layout(const TableArguments& arguments);

}  // namespace llmtool::app
