#include "llmtool/commands/predict.h"

#include "compute.h"
#include "torch/answered_rows_request.h"
#include "torch/errors.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

constexpr std::int64_t kDefaultFillers = 5;

PredictRequest make_request(const PredictArguments& arguments, const Context& context) {
  PredictRequest request{make_answered_rows_request(arguments, context)};
  if (arguments.fill_mask) request.fill_mask = arguments.top_k.value_or(kDefaultFillers);
  return request;
}

}  // namespace

ExitCode run_predict(const PredictArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    set_up_process(context);
    const PredictRequest request = make_request(arguments, context);
    print_answered_rows(request, predict_file(request, context.log()), context);
    return ExitCode::kOk;
  });
}

}  // namespace llmtool::app
