#include "llmtool/commands/convert.h"

#include "torch/machine.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

ExitCode run_convert(const ConvertRequest& request, Context& context) {
  set_up_process(context);
  const ConvertResult result = convert_model(request, context.log());
  if (context.common.json) {
    print_json(result.to_json());
  } else {
    print(result.architecture + " " + request.output.string() + "\n");
  }
  return ExitCode::kOk;
}

const Work<ConvertRequest, run_convert> kConvert;

}  // namespace
}  // namespace llmtool::app
