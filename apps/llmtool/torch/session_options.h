#pragma once

#include "context.h"
#include "llmtool/commands/answered_rows.h"

namespace llmtool::app {

// Device and precision resolved for this machine. Throws UsageError, DeviceError.
SessionOptions make_session_options(const ModelChoice& choice, const Context& context);

// The same of what predict and embed ask in common. Results for standard output go to stdout.
AnsweredRowsRequest make_answered_rows_request(const AnsweredRowsOptions& options, const Context& context);
// The counts, as JSON where that was asked for and standard output is free.
void print_answered_rows(const AnsweredRowsRequest& request, const AnsweredRowsResult& result, const Context& context);

}  // namespace llmtool::app
