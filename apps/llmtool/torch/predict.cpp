#include "llmtool/commands/predict.h"

#include <algorithm>
#include <string>
#include <vector>

#include "llmtool/commands/predict_options.h"
#include "llmtool/config/diff.h"
#include "torch/machine.h"
#include "torch/session_options.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

constexpr std::int64_t kDefaultFillers = 5;

// An option that other tasks use would do nothing.
void refuse_options(const PredictOptions& options) {
  const std::vector<FieldDifference> given = diff_options(TaskPredictOptions(), options.task);
  if (given.empty()) return;
  const TaskRow& task = task_of_model(options.model);
  for (const FieldDifference& difference : given)
    if (std::ranges::find(task.predict_options, difference.path) == task.predict_options.end())
      throw UsageError(option_name(difference.path) + " has no meaning for " + options.model.string() +
                       ", which is a " + std::string(task.model_noun));
}

ExitCode run_predict(const PredictOptions& options, Context& context) {
  set_up_process(context);
  refuse_options(options);
  PredictRequest request{make_answered_rows_request(options, context)};
  request.task = options.task;
  if (options.fill_mask) request.fill_mask = options.top_k.value_or(kDefaultFillers);
  print_answered_rows(request, predict_file(request, context.log()), context);
  return ExitCode::kOk;
}

const Work<PredictOptions, run_predict> kPredict;

}  // namespace
}  // namespace llmtool::app
