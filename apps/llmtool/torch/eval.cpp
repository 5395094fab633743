#include "llmtool/commands/eval.h"

#include "compute.h"
#include "llmtool/commands/quality_gate.h"
#include "llmtool/commands/report_table.h"
#include "threads.h"
#include "torch/errors.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

EvalRequest make_request(const EvalArguments& arguments, const Context& context) {
  EvalRequest request;
  request.model = arguments.model;
  request.data = arguments.data;
  request.format = *enum_from_name<FileFormat>(arguments.format);
  if (arguments.no_header) request.columns.header = false;
  request.columns.text = arguments.text_columns;
  if (!arguments.label_column.empty()) request.columns.label = arguments.label_column;
  request.max_rows = arguments.max_rows;
  request.unknown_label = *enum_from_name<UnknownLabel>(arguments.unknown_label);
  request.max_length = arguments.max_length;
  if (!arguments.positive_label.empty()) request.positive_label = arguments.positive_label;
  request.batch_size = arguments.batch_size;
  request.predictions = arguments.predictions;
  request.device = choose_device(context);
  request.num_threads = choose_threads(context.common.threads).threads;
  return request;
}

std::string confusions_table(const EvalResult& result) {
  // For few labels the confusion matrix says the same.
  if (result.labels.size() <= 8 || result.worst_confusions.empty()) return "";
  std::string text = "\n  most frequent mistakes (gold -> predicted)\n";
  for (const NamedConfusion& confusion : result.worst_confusions)
    text += "  " + std::to_string(confusion.count) + "  " + confusion.gold + " -> " + confusion.predicted + "\n";
  return text;
}

std::string result_text(const EvalRequest& request, const EvalResult& result) {
  return request.data + ": " + std::to_string(result.num_examples) + " examples, " +
         std::to_string(result.num_truncated) + " cut to " + std::to_string(result.max_length) +
         " tokens, computed in fp32\n" + report_table(result.report) + confusions_table(result);
}

}  // namespace

ExitCode run_eval(const EvalArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    std::vector<QualityRequirement> requirements;
    for (const std::string& text : arguments.requirements) requirements.push_back(QualityRequirement::parse(text));
    apply_threads(context);
    const EvalRequest request = make_request(arguments, context);
    const EvalResult result = evaluate_model(request, context.log());
    for (const std::string& warning : result.warnings) context.log().warning(warning);
    if (context.common.json) {
      print_json(result.to_json());
    } else {
      print(result_text(request, result));
    }
    const auto unmet = unmet_requirements(requirements, result.report);
    for (const std::string& sentence : unmet) context.log().log(LogLevel::kError, sentence);
    return unmet.empty() ? ExitCode::kOk : ExitCode::kQualityGate;
  });
}

}  // namespace llmtool::app
