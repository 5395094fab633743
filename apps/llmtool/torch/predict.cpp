#include "llmtool/commands/predict.h"

#include "llmtool/commands/predict_options.h"
#include "torch/machine.h"
#include "torch/session_options.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

constexpr std::int64_t kDefaultFillers = 5;

ExitCode run_predict(const PredictOptions& options, Context& context) {
  set_up_process(context);
  PredictRequest request{make_answered_rows_request(options, context)};
  if (options.fill_mask) request.fill_mask = options.top_k.value_or(kDefaultFillers);
  print_answered_rows(request, predict_file(request, context.log()), context);
  return ExitCode::kOk;
}

const Work<PredictOptions, run_predict> kPredict;

}  // namespace
}  // namespace llmtool::app
