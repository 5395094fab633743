#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/label_assignment.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/multi_label/objective.h"
#include "llmtool/tasks/multi_label/task.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

// A model that is used for several labels a text, with their thresholds.
struct MultiLabelModel {
  TextScorer scorer;
  std::vector<double> thresholds;
};

MultiLabelModel load(const std::filesystem::path& directory, const SessionOptions& session,
                     const std::optional<double>& threshold) {
  TextScorer scorer = TextScorer::load(directory, session);
  std::vector<double> thresholds =
      label_thresholds(scorer.model()->config(), scorer.names(), threshold, model_config_path(directory));
  return {std::move(scorer), std::move(thresholds)};
}

Json names_of(std::span<const std::int64_t> ids, const std::vector<std::string>& labels) {
  Json names = Json::array();
  for (const std::int64_t id : ids) names.push_back(labels[static_cast<std::size_t>(id)]);
  return names;
}

std::vector<double> probabilities_of(std::span<const float> logits) {
  std::vector<double> probabilities;
  for (const float logit : logits) probabilities.push_back(sigmoid(logit));
  return probabilities;
}

// As the model was trained; another tool's model has none of this.
RecordColumns label_columns(const EvalRequest& request) {
  RecordColumns columns = eval_columns(request);
  columns.label_form = LabelForm::kNames;
  if (path_exists(request.model / kRunRecordName))
    columns.label_separator = read_run_record(request.model).config.data.task.multi_label.label_separator;
  return columns;
}

void write_predictions(RowWriter& writer, const MultiLabelModel& model, const std::vector<Record>& rows,
                       const MultiLabelScores& scores) {
  const std::vector<std::string>& labels = model.scorer.names();
  for (std::int64_t example = 0; example < scores.num_examples(); ++example) {
    std::vector<std::int64_t> gold;
    std::vector<double> probabilities;
    for (std::int64_t label = 0; label < scores.num_labels(); ++label) {
      if (scores.is_gold(example, label)) gold.push_back(label);
      probabilities.push_back(scores.probability(example, label));
    }
    const Record& record = rows[static_cast<std::size_t>(example)];
    writer.write({{"row", record.row},
                  {"line", record.line},
                  {"gold", names_of(gold, labels)},
                  {"predicted", names_of(labels_above(probabilities, model.thresholds), labels)},
                  {"scores", values_by_name(labels, probabilities)}});
  }
  writer.commit();
}

std::vector<std::string> describe_doubts(const MetricReport& report) {
  std::vector<std::string> doubts;
  const Metric* precision = report.find("micro_precision");
  if (precision != nullptr && !precision->value)
    doubts.emplace_back("no label is above its threshold in any example; --threshold sets a lower one");
  std::int64_t num_missing = 0;
  for (const auto& [label, support] : report.details.at("support").items()) num_missing += support == 0;
  if (num_missing > 0)
    doubts.push_back(std::to_string(num_missing) + " of the " + std::to_string(report.details.at("support").size()) +
                     " labels have no example in the data");
  return doubts;
}

}  // namespace

EvalResult evaluate_multi_label(const EvalRequest& request, EventSink& events) {
  const MultiLabelModel model = load(request.model, request.session, request.task.multi_label.threshold);
  const MultiLabelObjective objective{LabelSet(model.scorer.names())};
  log_scorer(model.scorer, events);
  RecordFile file = read_records(request.data, label_columns(request));
  EvaluatedTexts texts;
  texts.num_empty_texts = file.num_empty_texts;
  MultiLabelRecords rows = assign_label_lists(std::move(file), objective.labels(), request.unknown_label);
  if (rows.labels_are_ids) events.info(describe_label_ids(request.data, objective.labels()));
  texts.num_skipped = rows.num_skipped;
  texts.rows = std::move(rows.records);
  const auto predictions = create_eval_predictions(request.predictions, {"row", "line", "gold", "predicted", "scores"});

  const auto start = std::chrono::steady_clock::now();
  texts.encoded = encode_evaluated(texts.rows, {}, request, model.scorer, events);
  const MultiLabelEvaluation evaluation =
      objective.evaluate(*model.scorer.model(), {texts.encoded.dataset, rows.label_ids}, model.scorer.scoring_options(),
                         "evaluating", events, row_name(request, texts.rows));
  if (predictions) write_predictions(*predictions, model, texts.rows, evaluation.scores);
  texts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  MetricReport report = objective.report(evaluation, model.thresholds);
  std::vector<std::string> warnings = describe_doubts(report);
  for (std::string& doubt : doubts_of(texts, model.scorer)) warnings.push_back(std::move(doubt));
  Json counts = counts_of(texts, model.scorer, request);
  counts["labels_are_ids"] = rows.labels_are_ids;
  counts["warnings"] = warnings;
  return {std::move(report), std::move(counts), summary_of(texts, model.scorer, request), "", std::move(warnings)};
}

std::unique_ptr<TextPredictor> make_multi_label_predictor(const PredictorOptions& options) {
  MultiLabelModel model = load(options.model, options.session, options.task.multi_label.threshold);
  const auto read = [labels = model.scorer.names(),
                     thresholds = model.thresholds](std::span<const float> scores) -> std::vector<Json> {
    require_finite_scores(scores);
    const std::vector<double> probabilities = probabilities_of(scores);
    return {names_of(labels_above(probabilities, thresholds), labels), values_by_name(labels, probabilities)};
  };
  return make_score_predictor(std::move(model.scorer), {"predicted_labels", "scores"}, read);
}

}  // namespace llmtool
