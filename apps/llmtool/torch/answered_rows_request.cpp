#include "torch/answered_rows_request.h"

#include "table_options.h"
#include "torch/session_options.h"

namespace llmtool::app {

AnsweredRowsRequest make_answered_rows_request(const AnsweredRowsArguments& arguments, const Context& context) {
  AnsweredRowsRequest request;
  request.model = arguments.model;
  request.session = make_session_options(arguments, context);
  request.input = arguments.input;
  request.output = arguments.output;
  request.output_stream = stdout;
  request.format = *enum_from_name<FileFormat>(arguments.format);
  request.layout = table_layout(arguments.table);
  request.output_format = *enum_from_name<FileFormat>(arguments.output_format);
  // --json asks for JSON Lines, unless a file's extension or --output-format says otherwise.
  if (context.common.json && arguments.output == "-" && request.output_format == FileFormat::kAuto)
    request.output_format = FileFormat::kJsonl;
  if (arguments.no_header) request.columns.header = false;
  request.columns.text = arguments.text_columns;
  request.rejects = arguments.rejects;
  request.prefix = arguments.prefix;
  return request;
}

void print_answered_rows(const AnsweredRowsRequest& request, const AnsweredRowsResult& result, const Context& context) {
  if (context.common.json && request.output != "-") print_json(result.to_json());
}

}  // namespace llmtool::app
