#include "llmtool/commands/eval.h"

#include <utility>

#include "compute.h"
#include "llmtool/commands/language_model_eval.h"
#include "llmtool/commands/quality_gate.h"
#include "llmtool/commands/report_table.h"
#include "table_options.h"
#include "threads.h"
#include "torch/errors.h"
#include "torch/machine.h"
#include "torch/session_options.h"

namespace llmtool::app {
namespace {

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
  request.session = make_session_options(arguments, context);
  request.num_threads = choose_threads(context.common.threads).threads;
  return request;
}

std::string computed_in(Precision precision) { return "computed in " + std::string(enum_name(precision)); }

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
         std::to_string(result.num_truncated) + " cut to " + std::to_string(result.max_length) + " tokens, " +
         computed_in(result.precision) + "\n" + report_table(result.report) + confusions_table(result);
}

// An option of the other kind of model would do nothing.
void refuse_options(const EvalArguments& arguments, bool is_language_model) {
  const std::vector<std::pair<const char*, bool>> classifier_options = {
      {"--label-column", !arguments.label_column.empty()},
      {"--unknown-label", arguments.unknown_label != "error"},
      {"--max-rows", arguments.max_rows.has_value()},
      {"--positive-label", !arguments.positive_label.empty()},
      {"--predictions", !arguments.predictions.empty()},
      {"a second --text-column", arguments.text_columns.size() > 1}};
  const std::vector<std::pair<const char*, bool>> language_model_options = {
      {"--document", !arguments.document.empty()},
      {"--packing", !arguments.packing.empty()},
      {"--stride", arguments.stride.has_value()},
      {"--pseudo-perplexity", arguments.pseudo_perplexity},
      {"--format text", arguments.format == "text"}};
  for (const auto& [option, is_given] : is_language_model ? classifier_options : language_model_options)
    if (is_given)
      throw UsageError(std::string(option) + " has no meaning for " + arguments.model + ", which is a " +
                       (is_language_model ? "language model" : "classifier"));
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

LanguageModelEvalRequest make_language_model_request(const EvalArguments& arguments, const Context& context) {
  LanguageModelEvalRequest request;
  request.model = arguments.model;
  request.data = {arguments.data};
  request.format = enum_from_name<FileFormat>(arguments.format);
  request.layout = table_layout(arguments.table);
  if (arguments.no_header) request.header = false;
  if (!arguments.text_columns.empty()) request.text_column = arguments.text_columns.front();
  request.document = given<DocumentUnit>(arguments.document);
  request.packing = given<Packing>(arguments.packing);
  request.stride = arguments.stride;
  request.pseudo_perplexity = arguments.pseudo_perplexity;
  request.session = make_session_options(arguments, context);
  request.num_threads = choose_threads(context.common.threads).threads;
  return request;
}

std::string result_text(const std::string& data, const LanguageModelEvalResult& result) {
  return data + ": " + std::to_string(result.num_documents) + " documents, " + std::to_string(result.num_tokens) +
         " tokens in " + std::to_string(result.num_sequences) + " sequences of up to " +
         std::to_string(result.max_length) + ", " + computed_in(result.precision) + "\n" + report_table(result.report);
}

MetricReport print_classifier_evaluation(const EvalArguments& arguments, Context& context) {
  const EvalRequest request = make_request(arguments, context);
  const EvalResult result = evaluate_model(request, context.log());
  for (const std::string& warning : result.warnings) context.log().warning(warning);
  if (context.common.json) {
    print_json(result.to_json());
  } else {
    print(result_text(request, result));
  }
  return result.report;
}

MetricReport print_language_model_evaluation(const EvalArguments& arguments, Context& context) {
  const LanguageModelEvalResult result =
      evaluate_language_model(make_language_model_request(arguments, context), context.log());
  if (context.common.json) {
    print_json(result.to_json());
  } else {
    print(result_text(arguments.data, result));
  }
  return result.report;
}

}  // namespace

ExitCode run_eval(const EvalArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    std::vector<QualityRequirement> requirements;
    for (const std::string& text : arguments.requirements) requirements.push_back(QualityRequirement::parse(text));
    set_up_process(context);
    const bool is_text_model = is_language_model(std::filesystem::path(arguments.model));
    refuse_options(arguments, is_text_model);
    refuse_requirements(requirements, arguments.pseudo_perplexity);
    const MetricReport report = is_text_model ? print_language_model_evaluation(arguments, context)
                                              : print_classifier_evaluation(arguments, context);
    const auto unmet = unmet_requirements(requirements, report);
    for (const std::string& sentence : unmet) context.log().log(LogLevel::kError, sentence);
    return unmet.empty() ? ExitCode::kOk : ExitCode::kQualityGate;
  });
}

}  // namespace llmtool::app
