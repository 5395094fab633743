#include "llmtool/commands/eval.h"

#include <chrono>
#include <utility>

#include "llmtool/commands/eval_predictions.h"
#include "llmtool/commands/eval_warnings.h"
#include "llmtool/core/distinct_paths.h"
#include "llmtool/core/errors.h"
#include "llmtool/data/doubtful_labels.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/data/label_assignment.h"
#include "llmtool/data/records.h"
#include "llmtool/inference/classification_session.h"
#include "llmtool/metrics/confusion_matrix.h"
#include "llmtool/tasks/classification.h"

namespace llmtool {
namespace {

RecordColumns record_columns(const EvalRequest& request) {
  const ColumnChoice choice = resolve_columns(request.columns, request.model);
  return {request.format,
          *choice.header,
          choice.text,
          choice.label,
          request.max_rows,
          request.layout,
          request.unknown_label == UnknownLabel::kSkip};
}

// A wrong option, where the same name in a run's config would be a wrong config.
void require_positive_label(const EvalRequest& request, const LabelSet& labels) {
  if (!request.positive_label) return;
  const std::string option = "--positive-label " + quote(*request.positive_label);
  if (labels.size() != 2)
    throw UsageError(option + " is meant for two labels, but the model has " + std::to_string(labels.size()));
  if (!labels.find(*request.positive_label))
    throw UsageError(option + " is not a label of the model; its labels are " + quote(labels.name(0)) + " and " +
                     quote(labels.name(1)));
}

EvalResult make_result(const ClassificationSession& session, const ClassificationEvaluation& evaluation,
                       const EncodedRecords& encoded) {
  EvalResult result;
  result.report = evaluation.report;
  result.labels = session.labels().names();
  result.num_examples = evaluation.scores.num_examples();
  result.num_truncated = encoded.num_truncated;
  result.num_tokens = encoded.num_tokens;
  result.max_length = session.tokenizer_options().max_length.value_or(0);
  return result;
}

}  // namespace

Json EvalResult::to_json() const {
  Json json = report.to_json();
  json["num_examples"] = num_examples;
  json["num_truncated"] = num_truncated;
  json["num_empty_texts"] = num_empty_texts;
  json["num_skipped"] = num_skipped;
  json["labels_are_ids"] = labels_are_ids;
  json["num_tokens"] = num_tokens;
  json["max_length"] = max_length;
  json["computed_in"] = enum_name(precision);
  json["seconds"] = seconds;
  json["worst_confusions"] = Json::array();
  for (const NamedConfusion& confusion : worst_confusions)
    json["worst_confusions"].push_back({{"gold", confusion.gold},
                                        {"predicted", confusion.predicted},
                                        {"count", confusion.count},
                                        {"share_of_gold", confusion.share_of_gold}});
  json["warnings"] = warnings;
  return json;
}

EvalResult evaluate_model(const EvalRequest& request, EventSink& events) {
  require_distinct_paths({.inputs = {{"--data", request.data}},
                          .folders = {{"the model", request.model}},
                          .outputs = {{"--predictions", request.predictions}}});
  const ClassificationSession session = ClassificationSession::load(request.model, request.session);
  for (const std::string& warning : session.warnings()) events.warning(warning);
  require_positive_label(request, session.labels());
  const ClassificationTask task(session.labels(), {}, {}, request.positive_label);
  events.info("texts are cut at " + std::to_string(*session.tokenizer_options().max_length) + " tokens (" +
              session.max_length_source() + ")");
  const RecordColumns columns = record_columns(request);
  RecordFile file = read_records(request.data, columns);
  const std::int64_t num_empty_texts = file.num_empty_texts;
  const LabelledRecords rows = assign_labels(std::move(file), session.labels(), request.unknown_label);
  if (rows.labels_are_ids) events.info(describe_label_ids(request.data, session.labels()));
  // Opened before the long work, so that a folder that cannot be written is known at once.
  std::unique_ptr<RowWriter> predictions;
  if (!request.predictions.empty()) predictions = create_eval_predictions(request.predictions);

  const auto start = std::chrono::steady_clock::now();
  const EncodedRecords encoded =
      encode_records(rows.records, rows.label_ids, request.data, session.tokenizer(), session.tokenizer_options(),
                     request.num_threads, "tokenizing", events, session.limits());
  const auto name = [&](std::int64_t row) {
    return SourcePosition{request.data, rows.records[static_cast<std::size_t>(row)].line, 0}.to_string();
  };
  const ClassificationEvaluation evaluation =
      task.evaluate(*session.model(), encoded.dataset, session.scoring_options(), "evaluating", events, name);
  if (predictions) {
    write_eval_predictions(*predictions, rows, evaluation.scores, session.labels());
    predictions->commit();
  }
  EvalResult result = make_result(session, evaluation, encoded);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.precision = request.session.precision;
  result.num_empty_texts = num_empty_texts;
  result.num_skipped = rows.num_skipped;
  result.labels_are_ids = rows.labels_are_ids;
  const ConfusionMatrix confusion(evaluation.scores);
  result.worst_confusions = name_confusions(confusion, result.labels);
  result.warnings = describe_doubts(result, confusion);
  for (std::string& doubt : describe_doubtful_labels(session.labels(), *columns.label))
    result.warnings.push_back(std::move(doubt));
  return result;
}

}  // namespace llmtool
