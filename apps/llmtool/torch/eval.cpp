#include "llmtool/commands/eval.h"

#include <string>
#include <vector>

#include "llmtool/commands/eval_options.h"
#include "llmtool/config/diff.h"
#include "llmtool/metrics/quality_gate.h"
#include "llmtool/metrics/report.h"
#include "llmtool/tasks/task_table.h"
#include "threads.h"
#include "torch/machine.h"
#include "torch/session_options.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

// As they are told: "--max-rows", and what is no option of its own.
std::vector<std::string> given_options(const EvalOptions& options) {
  std::vector<std::string> given;
  for (const FieldDifference& difference : diff_options(EvalOptions(), options))
    given.push_back(option_name(difference.path));
  if (options.text_columns.size() > 1) given.emplace_back("a second --text-column");
  given.push_back("--format " + std::string(enum_name(options.format)));
  return given;
}

// An option that other tasks use would do nothing.
void refuse_options(const EvalOptions& options, const TaskRow& task) {
  for (const std::string& option : given_options(options))
    if (is_eval_option_of_others(task, option))
      throw UsageError(option + " has no meaning for " + options.model.string() + ", which is a " +
                       std::string(task.model_noun));
}

EvalRequest make_request(const EvalOptions& options, const std::vector<QualityRequirement>& requirements,
                         const Context& context) {
  EvalRequest request;
  request.model = options.model;
  request.data = options.data;
  request.format = options.format;
  request.layout = options.layout;
  request.columns.header = options.header;
  request.columns.text = options.text_columns;
  request.columns.label = options.label_columns;
  request.max_rows = options.max_rows;
  request.unknown_label = options.unknown_label;
  request.predictions = options.predictions;
  for (const QualityRequirement& requirement : requirements) request.required_metrics.push_back(requirement.metric);
  request.task = options.task;
  request.session = make_session_options(options, context);
  request.num_threads = choose_threads(context.common.threads).threads;
  return request;
}

void print_result(const EvalResult& result, Context& context) {
  for (const std::string& warning : result.warnings) context.log().warning(warning);
  if (context.common.json) return print_json(result.to_json());
  print(result.summary + "\n" + report_table(result.report) + result.findings);
}

ExitCode run_eval(const EvalOptions& options, Context& context) {
  std::vector<QualityRequirement> requirements;
  for (const std::string& text : options.requirements) requirements.push_back(QualityRequirement::parse(text));
  set_up_process(context);
  refuse_options(options, task_of_model(options.model));
  const EvalResult result = evaluate_model(make_request(options, requirements, context), context.log());
  print_result(result, context);
  const auto unmet = unmet_requirements(requirements, result.report);
  for (const std::string& sentence : unmet) context.log().log(LogLevel::kError, sentence);
  return unmet.empty() ? ExitCode::kOk : ExitCode::kQualityGate;
}

const Work<EvalOptions, run_eval> kEval;

}  // namespace
}  // namespace llmtool::app
