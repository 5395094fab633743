#include "llmtool/commands/eval.h"

#include <algorithm>
#include <utility>

#include "llmtool/commands/eval_options.h"
#include "llmtool/commands/quality_gate.h"
#include "llmtool/commands/report_table.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/tasks/task_table.h"
#include "threads.h"
#include "torch/machine.h"
#include "torch/session_options.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

// An option that other tasks use would do nothing.
void refuse_options(const EvalOptions& options, const TaskRow& task) {
  const std::vector<std::pair<std::string_view, bool>> given = {
      {"--label-column", !options.label_column.empty()},
      {"--unknown-label", options.unknown_label != UnknownLabel::kError},
      {"--max-rows", options.max_rows.has_value()},
      {"--positive-label", !options.positive_label.empty()},
      {"--predictions", !options.predictions.empty()},
      {"a second --text-column", options.text_columns.size() > 1},
      {"--document", options.document.has_value()},
      {"--packing", options.packing.has_value()},
      {"--stride", options.stride.has_value()},
      {"--pseudo-perplexity", options.pseudo_perplexity},
      {"--format text", options.format == FileFormat::kText}};
  for (const auto& [option, is_given] : given)
    if (is_given && std::ranges::find(task.eval_options, option) == task.eval_options.end())
      throw UsageError(std::string(option) + " has no meaning for " + options.model.string() + ", which is a " +
                       std::string(task.model_noun));
}

// Known before the work of scoring.
void refuse_requirements(const std::vector<QualityRequirement>& requirements, bool has_pseudo_perplexity) {
  for (const QualityRequirement& requirement : requirements)
    if (requirement.metric == kPseudoPerplexity && !has_pseudo_perplexity)
      throw UsageError("--require " + requirement.metric + " needs --pseudo-perplexity");
}

EvalRequest make_request(const EvalOptions& options, const Context& context) {
  EvalRequest request;
  request.model = options.model;
  request.data = options.data;
  request.format = options.format;
  request.layout = options.layout;
  request.columns.header = options.header;
  request.columns.text = options.text_columns;
  if (!options.label_column.empty()) request.columns.label = options.label_column;
  request.max_rows = options.max_rows;
  request.unknown_label = options.unknown_label;
  if (!options.positive_label.empty()) request.positive_label = options.positive_label;
  request.predictions = options.predictions;
  request.document = options.document;
  request.packing = options.packing;
  request.stride = options.stride;
  request.pseudo_perplexity = options.pseudo_perplexity;
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
  refuse_requirements(requirements, options.pseudo_perplexity);
  const EvalResult result = evaluate_model(make_request(options, context), context.log());
  print_result(result, context);
  const auto unmet = unmet_requirements(requirements, result.report);
  for (const std::string& sentence : unmet) context.log().log(LogLevel::kError, sentence);
  return unmet.empty() ? ExitCode::kOk : ExitCode::kQualityGate;
}

const Work<EvalOptions, run_eval> kEval;

}  // namespace
}  // namespace llmtool::app
