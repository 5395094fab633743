#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/data/label_assignment.h"
#include "llmtool/data/label_set.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/classification_metrics.h"
#include "llmtool/tasks/classification/objective.h"
#include "llmtool/tasks/classification/session.h"
#include "llmtool/tasks/classification/task.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

// Examples of one label that were given another.
struct NamedConfusion {
  std::string gold;
  std::string predicted;
  std::int64_t count = 0;
  double share_of_gold = 0.0;
};

RowValues row_of(const Record& record, const ClassScores& scores, std::int64_t example, const LabelSet& labels) {
  std::vector<double> probabilities;
  for (std::int64_t id = 0; id < labels.size(); ++id)
    probabilities.push_back(std::exp(scores.log_probability(example, id)));
  const std::int64_t gold = scores.gold(example);
  // Avoids -0 for a probability of exactly 1.
  const double loss = 0.0 - scores.log_probability(example, gold);
  return {{"row", record.row},
          {"line", record.line},
          {"gold", labels.name(gold)},
          {"predicted", labels.name(scores.predicted(example))},
          {"scores", values_by_name(labels.names(), probabilities)},
          {"loss", loss}};
}

void write_eval_predictions(RowWriter& writer, const std::vector<Record>& rows, const ClassScores& scores,
                            const LabelSet& labels) {
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    writer.write(row_of(rows[static_cast<std::size_t>(example)], scores, example, labels));
  writer.commit();
}

std::string describe_collapse(const LabelSet& labels, const ConfusionMatrix& confusion) {
  const TopAnswer top = top_answer(confusion);
  return "the model answers " + quote(labels.name(top.class_id)) + " for " + percent(top.share) +
         " of the examples, though only " + percent(top.gold_share) + " of them have that label";
}

std::string describe_majority(const LabelSet& labels, const ConfusionMatrix& confusion) {
  const MajorityBaseline baseline = majority_baseline(confusion);
  return "the model is no better than always answering the most frequent label " +
         quote(labels.name(baseline.class_id)) + ", which has an accuracy of " + percent(baseline.accuracy);
}

std::string describe_missing_labels(const LabelSet& labels, const ConfusionMatrix& confusion) {
  std::int64_t num_missing = 0;
  std::string first;
  for (std::int64_t id = 0; id < confusion.num_classes(); ++id) {
    if (confusion.num_gold(id) > 0) continue;
    if (num_missing++ == 0) first = labels.name(id);
  }
  if (num_missing == 0) return "";
  return std::to_string(num_missing) + " of the " + std::to_string(confusion.num_classes()) +
         " labels have no example in the data (" + quote(first) + (num_missing > 1 ? ", …)" : ")");
}

std::vector<std::string> describe_doubts(const LabelSet& labels, const ConfusionMatrix& confusion) {
  std::vector<std::string> doubts;
  if (has_collapsed(confusion)) doubts.push_back(describe_collapse(labels, confusion));
  if (is_no_better_than_majority(confusion)) doubts.push_back(describe_majority(labels, confusion));
  if (std::string missing = describe_missing_labels(labels, confusion); !missing.empty())
    doubts.push_back(std::move(missing));
  return doubts;
}

std::vector<NamedConfusion> name_confusions(const ConfusionMatrix& confusion, const LabelSet& labels) {
  std::vector<NamedConfusion> named;
  for (const Confusion& mistake : worst_confusions(confusion))
    named.push_back({labels.name(mistake.gold), labels.name(mistake.predicted), mistake.count, mistake.share_of_gold});
  return named;
}

Json to_json(const std::vector<NamedConfusion>& confusions) {
  Json list = Json::array();
  for (const NamedConfusion& confusion : confusions)
    list.push_back({{"gold", confusion.gold},
                    {"predicted", confusion.predicted},
                    {"count", confusion.count},
                    {"share_of_gold", confusion.share_of_gold}});
  return list;
}

std::string confusions_table(const std::vector<NamedConfusion>& confusions, const LabelSet& labels) {
  // For few labels the confusion matrix says the same.
  if (labels.size() <= 8 || confusions.empty()) return "";
  std::string text = "\n  most frequent mistakes (gold -> predicted)\n";
  for (const NamedConfusion& confusion : confusions)
    text += "  " + std::to_string(confusion.count) + "  " + confusion.gold + " -> " + confusion.predicted + "\n";
  return text;
}

// A wrong option, where the same name in a run's config would be a wrong config.
void require_positive_label(const EvalRequest& request, const LabelSet& labels) {
  const std::optional<std::string>& name = request.task.classification.positive_label;
  if (!name) return;
  const std::string option = "--positive-label " + quote(*name);
  if (labels.size() != 2)
    throw UsageError(option + " is meant for two labels, but the model has " + std::to_string(labels.size()));
  if (!labels.find(*name))
    throw UsageError(option + " is not a label of the model; its labels are " + quote(labels.name(0)) + " and " +
                     quote(labels.name(1)));
}

}  // namespace

EvalResult evaluate_classifier(const EvalRequest& request, EventSink& events) {
  const ClassificationSession session = ClassificationSession::load(request.model, request.session);
  require_positive_label(request, session.labels());
  const ClassificationObjective objective(session.labels(), {}, {}, request.task.classification.positive_label);
  log_scorer(session, events);
  const RecordColumns columns = eval_columns(request);
  RecordFile file = read_records(request.data, columns);
  EvaluatedTexts texts;
  texts.num_empty_texts = file.num_empty_texts;
  LabelledRecords rows = assign_labels(std::move(file), session.labels(), request.unknown_label);
  if (rows.labels_are_ids) events.info(describe_label_ids(request.data, session.labels()));
  texts.num_skipped = rows.num_skipped;
  texts.rows = std::move(rows.records);
  const auto predictions =
      create_eval_predictions(request.predictions, {"row", "line", "gold", "predicted", "scores", "loss"});

  const auto start = std::chrono::steady_clock::now();
  texts.encoded = encode_evaluated(texts.rows, rows.label_ids, request, session, events);
  const ClassificationEvaluation evaluation =
      objective.evaluate(*session.model(), texts.encoded.dataset, session.scoring_options(), "evaluating", events,
                         row_name(request, texts.rows));
  if (predictions) write_eval_predictions(*predictions, texts.rows, evaluation.scores, session.labels());
  texts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const ConfusionMatrix confusion(evaluation.scores);
  const std::vector<NamedConfusion> confusions = name_confusions(confusion, session.labels());
  std::vector<std::string> warnings = describe_doubts(session.labels(), confusion);
  for (std::string& doubt : doubts_of(texts, session)) warnings.push_back(std::move(doubt));
  for (std::string& doubt : describe_doubtful_labels(session.labels(), columns.labels.front()))
    warnings.push_back(std::move(doubt));
  Json counts = counts_of(texts, session, request);
  counts["labels_are_ids"] = rows.labels_are_ids;
  counts["worst_confusions"] = to_json(confusions);
  counts["warnings"] = warnings;
  return {evaluation.report, std::move(counts), summary_of(texts, session, request),
          confusions_table(confusions, session.labels()), std::move(warnings)};
}

}  // namespace llmtool
