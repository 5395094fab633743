#include "llmtool/commands/eval.h"

#include <algorithm>
#include <utility>

#include "compute.h"
#include "llmtool/commands/quality_gate.h"
#include "llmtool/commands/report_table.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/tasks/task_table.h"
#include "table_options.h"
#include "threads.h"
#include "torch/errors.h"
#include "torch/machine.h"
#include "torch/session_options.h"

namespace llmtool::app {
namespace {

// An option that other tasks use would do nothing.
void refuse_options(const EvalArguments& arguments, const TaskRow& task) {
  const std::vector<std::pair<std::string_view, bool>> given = {
      {"--label-column", !arguments.label_column.empty()},
      {"--unknown-label", arguments.unknown_label != "error"},
      {"--max-rows", arguments.max_rows.has_value()},
      {"--positive-label", !arguments.positive_label.empty()},
      {"--predictions", !arguments.predictions.empty()},
      {"a second --text-column", arguments.text_columns.size() > 1},
      {"--document", !arguments.document.empty()},
      {"--packing", !arguments.packing.empty()},
      {"--stride", arguments.stride.has_value()},
      {"--pseudo-perplexity", arguments.pseudo_perplexity},
      {"--format text", arguments.format == "text"}};
  for (const auto& [option, is_given] : given)
    if (is_given && std::ranges::find(task.eval_options, option) == task.eval_options.end())
      throw UsageError(std::string(option) + " has no meaning for " + arguments.model + ", which is a " +
                       std::string(task.model_noun));
}

// Known before the work of scoring.
void refuse_requirements(const std::vector<QualityRequirement>& requirements, bool has_pseudo_perplexity) {
  for (const QualityRequirement& requirement : requirements)
    if (requirement.metric == kPseudoPerplexity && !has_pseudo_perplexity)
      throw UsageError("--require " + requirement.metric + " needs --pseudo-perplexity");
}

template <class Value>
std::optional<Value> given(const std::string& name) {
  return name.empty() ? std::nullopt : enum_from_name<Value>(name);
}

EvalRequest make_request(const EvalArguments& arguments, const Context& context) {
  EvalRequest request;
  request.model = arguments.model;
  request.data = arguments.data;
  request.format = *enum_from_name<FileFormat>(arguments.format);
  request.layout = table_layout(arguments.table);
  if (arguments.no_header) request.columns.header = false;
  request.columns.text = arguments.text_columns;
  if (!arguments.label_column.empty()) request.columns.label = arguments.label_column;
  request.max_rows = arguments.max_rows;
  request.unknown_label = *enum_from_name<UnknownLabel>(arguments.unknown_label);
  if (!arguments.positive_label.empty()) request.positive_label = arguments.positive_label;
  request.predictions = arguments.predictions;
  request.document = given<DocumentUnit>(arguments.document);
  request.packing = given<Packing>(arguments.packing);
  request.stride = arguments.stride;
  request.pseudo_perplexity = arguments.pseudo_perplexity;
  request.session = make_session_options(arguments, context);
  request.num_threads = choose_threads(context.common.threads).threads;
  return request;
}

void print_result(const EvalResult& result, Context& context) {
  for (const std::string& warning : result.warnings) context.log().warning(warning);
  if (context.common.json) return print_json(result.to_json());
  print(result.summary + "\n" + report_table(result.report) + result.findings);
}

}  // namespace

ExitCode run_eval(const EvalArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    std::vector<QualityRequirement> requirements;
    for (const std::string& text : arguments.requirements) requirements.push_back(QualityRequirement::parse(text));
    set_up_process(context);
    refuse_options(arguments, task_of_model(arguments.model));
    refuse_requirements(requirements, arguments.pseudo_perplexity);
    const EvalResult result = evaluate_model(make_request(arguments, context), context.log());
    print_result(result, context);
    const auto unmet = unmet_requirements(requirements, result.report);
    for (const std::string& sentence : unmet) context.log().log(LogLevel::kError, sentence);
    return unmet.empty() ? ExitCode::kOk : ExitCode::kQualityGate;
  });
}

}  // namespace llmtool::app
