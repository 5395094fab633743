#include "llmtool/commands/predict.h"

#include "compute.h"
#include "torch/errors.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

PredictRequest make_request(const PredictArguments& arguments, const Context& context) {
  PredictRequest request;
  request.model = arguments.model;
  request.input = arguments.input;
  request.output = arguments.output;
  request.output_stream = stdout;
  request.format = *enum_from_name<FileFormat>(arguments.format);
  request.output_format = *enum_from_name<FileFormat>(arguments.output_format);
  // --json asks for JSON Lines, unless a file's extension or --output-format says otherwise.
  if (context.common.json && arguments.output == "-" && request.output_format == FileFormat::kAuto)
    request.output_format = FileFormat::kJsonl;
  if (arguments.no_header) request.columns.header = false;
  request.columns.text = arguments.text_columns;
  request.rejects = arguments.rejects;
  request.prefix = arguments.prefix;
  request.max_length = arguments.max_length;
  request.batch_size = arguments.batch_size;
  request.device = choose_device(context);
  return request;
}

}  // namespace

ExitCode run_predict(const PredictArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    apply_threads(context);
    const PredictRequest request = make_request(arguments, context);
    const PredictResult result = predict_file(request, context.log());
    if (context.common.json && request.output != "-") print_json(result.to_json());
    return ExitCode::kOk;
  });
}

}  // namespace llmtool::app
