#include "llmtool/commands/convert.h"

#include "compute.h"
#include "torch/errors.h"
#include "torch/machine.h"

namespace llmtool::app {

ExitCode run_convert(const ConvertArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    set_up_process(context);
    ConvertRequest request;
    request.model = arguments.model;
    request.output = arguments.output;
    if (!arguments.head.empty()) request.head = enum_from_name<HeadKind>(arguments.head);
    request.ignore = arguments.ignore;
    request.precision = *enum_from_name<StoredPrecision>(arguments.dtype);
    const ConvertResult result = convert_model(request, context.log());
    if (context.common.json) {
      print_json(result.to_json());
    } else {
      print(result.architecture + " " + arguments.output + "\n");
    }
    return ExitCode::kOk;
  });
}

}  // namespace llmtool::app
