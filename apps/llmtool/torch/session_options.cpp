#include "torch/session_options.h"

#include <cstdio>

#include "llmtool/core/errors.h"
#include "llmtool/inference/session_options.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

// What is wrong in a run config is wrong usage of an option.
Precision choose_precision(Precision precision, c10::Device device) {
  try {
    return resolve_precision(precision, device, "--precision");
  } catch (const ConfigError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

SessionOptions make_session_options(const ModelChoice& choice, const Context& context) {
  SessionOptions options;
  options.device = choose_device(context);
  options.precision = choose_precision(choice.precision, options.device);
  options.scoring.batch_size = choice.batch_size;
  options.max_length = choice.max_length;
  return options;
}

AnsweredRowsRequest make_answered_rows_request(const AnsweredRowsOptions& options, const Context& context) {
  AnsweredRowsRequest request{options, make_session_options(options, context), stdout};
  // --json asks for JSON Lines, unless a file's extension or --output-format says otherwise.
  if (context.common.json && request.output == "-" && request.output_format == FileFormat::kAuto)
    request.output_format = FileFormat::kJsonl;
  return request;
}

void print_answered_rows(const AnsweredRowsRequest& request, const AnsweredRowsResult& result, const Context& context) {
  if (context.common.json && request.output != "-") print_json(result.to_json());
}

}  // namespace llmtool::app
