#pragma once

#include "arguments.h"
#include "context.h"
#include "llmtool/commands/answered_rows.h"

namespace llmtool::app {

// What predict and embed ask in common. Results for standard output go to stdout.
AnsweredRowsRequest make_answered_rows_request(const AnsweredRowsArguments& arguments, const Context& context);
// The counts, as JSON where that was asked for and standard output is free.
void print_answered_rows(const AnsweredRowsRequest& request, const AnsweredRowsResult& result, const Context& context);

}  // namespace llmtool::app
