#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/data/label_assignment.h"
#include "llmtool/data/label_set.h"
#include "llmtool/data/records.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/classification_report.h"
#include "llmtool/tasks/classification/objective.h"
#include "llmtool/tasks/classification/session.h"
#include "llmtool/tasks/classification/task.h"
#include "llmtool/tasks/trained_columns.h"

namespace llmtool {
namespace {

// Examples of one label that were given another.
struct NamedConfusion {
  std::string gold;
  std::string predicted;
  std::int64_t count = 0;
  double share_of_gold = 0.0;
};

// What an evaluation came across besides its figures.
struct Findings {
  std::vector<std::string> labels;
  std::int64_t num_examples = 0;
  std::int64_t num_truncated = 0;
  std::int64_t num_empty_texts = 0;
  std::int64_t num_skipped = 0;
  bool labels_are_ids = false;
  std::int64_t num_tokens = 0;
  std::int64_t max_length = 0;
  Precision precision = Precision::kFp32;
  double seconds = 0.0;                          // of computing, without loading
  std::vector<NamedConfusion> worst_confusions;  // most frequent first
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
          {"scores", scores_by_name(labels, probabilities)},
          {"loss", loss}};
}

std::unique_ptr<RowWriter> create_eval_predictions(const std::string& path) {
  if (resolve_file_format(path, FileFormat::kAuto) == FileFormat::kText)
    throw DataError(path +
                    ": predictions have several columns, which a text file cannot hold; use .csv, .tsv or .jsonl");
  WriteOptions options;
  options.columns = {"row", "line", "gold", "predicted", "scores", "loss"};
  return create_rows(path, options);
}

void write_eval_predictions(RowWriter& writer, const LabelledRecords& rows, const ClassScores& scores,
                            const LabelSet& labels) {
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    writer.write(row_of(rows.records[static_cast<std::size_t>(example)], scores, example, labels));
}

// Cutting fewer texts than this is usual.
constexpr double kNotableTruncatedShare = 0.05;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * share);
  return text;
}

const std::string& label_name(const Findings& findings, std::int64_t id) {
  return findings.labels[static_cast<std::size_t>(id)];
}

std::string describe_collapse(const Findings& findings, const ConfusionMatrix& confusion) {
  const TopAnswer top = top_answer(confusion);
  return "the model answers " + quote(label_name(findings, top.class_id)) + " for " + percent(top.share) +
         " of the examples, though only " + percent(top.gold_share) + " of them have that label";
}

std::string describe_majority(const Findings& findings, const ConfusionMatrix& confusion) {
  const MajorityBaseline baseline = majority_baseline(confusion);
  return "the model is no better than always answering the most frequent label " +
         quote(label_name(findings, baseline.class_id)) + ", which has an accuracy of " + percent(baseline.accuracy);
}

std::string describe_missing_labels(const Findings& findings, const ConfusionMatrix& confusion) {
  std::int64_t num_missing = 0;
  std::string first;
  for (std::int64_t id = 0; id < confusion.num_classes(); ++id) {
    if (confusion.num_gold(id) > 0) continue;
    if (num_missing++ == 0) first = label_name(findings, id);
  }
  if (num_missing == 0) return "";
  return std::to_string(num_missing) + " of the " + std::to_string(confusion.num_classes()) +
         " labels have no example in the data (" + quote(first) + (num_missing > 1 ? ", …)" : ")");
}

std::vector<std::string> describe_doubts(const Findings& findings, const ConfusionMatrix& confusion) {
  std::vector<std::string> doubts;
  if (has_collapsed(confusion)) doubts.push_back(describe_collapse(findings, confusion));
  if (is_no_better_than_majority(confusion)) doubts.push_back(describe_majority(findings, confusion));
  if (std::string missing = describe_missing_labels(findings, confusion); !missing.empty())
    doubts.push_back(std::move(missing));
  const double truncated_share =
      static_cast<double>(findings.num_truncated) / static_cast<double>(findings.num_examples);
  if (truncated_share > kNotableTruncatedShare)
    doubts.push_back(percent(truncated_share) + " of the texts are longer than " + std::to_string(findings.max_length) +
                     " tokens and were cut");
  if (findings.num_skipped > 0)
    doubts.push_back(std::to_string(findings.num_skipped) +
                     " rows with labels the model does not know, or none, were left out");
  return doubts;
}

std::vector<NamedConfusion> name_confusions(const ConfusionMatrix& confusion, const std::vector<std::string>& labels) {
  std::vector<NamedConfusion> named;
  for (const Confusion& mistake : worst_confusions(confusion))
    named.push_back({labels[static_cast<std::size_t>(mistake.gold)],
                     labels[static_cast<std::size_t>(mistake.predicted)], mistake.count, mistake.share_of_gold});
  return named;
}

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
  const std::optional<std::string>& name = request.task.classification.positive_label;
  if (!name) return;
  const std::string option = "--positive-label " + quote(*name);
  if (labels.size() != 2)
    throw UsageError(option + " is meant for two labels, but the model has " + std::to_string(labels.size()));
  if (!labels.find(*name))
    throw UsageError(option + " is not a label of the model; its labels are " + quote(labels.name(0)) + " and " +
                     quote(labels.name(1)));
}

Findings make_findings(const ClassificationSession& session, const ClassificationEvaluation& evaluation,
                       const EncodedRecords& encoded) {
  Findings findings;
  findings.labels = session.labels().names();
  findings.num_examples = evaluation.scores.num_examples();
  findings.num_truncated = encoded.num_truncated;
  findings.num_tokens = encoded.num_tokens;
  findings.max_length = session.tokenizer_options().max_length.value_or(0);
  return findings;
}

Json to_json(const Findings& findings) {
  Json json = Json::object();
  json["num_examples"] = findings.num_examples;
  json["num_truncated"] = findings.num_truncated;
  json["num_empty_texts"] = findings.num_empty_texts;
  json["num_skipped"] = findings.num_skipped;
  json["labels_are_ids"] = findings.labels_are_ids;
  json["num_tokens"] = findings.num_tokens;
  json["max_length"] = findings.max_length;
  json["computed_in"] = enum_name(findings.precision);
  json["seconds"] = findings.seconds;
  json["worst_confusions"] = Json::array();
  for (const NamedConfusion& confusion : findings.worst_confusions)
    json["worst_confusions"].push_back({{"gold", confusion.gold},
                                        {"predicted", confusion.predicted},
                                        {"count", confusion.count},
                                        {"share_of_gold", confusion.share_of_gold}});
  return json;
}

std::string summary_line(const std::string& data, const Findings& findings) {
  return data + ": " + std::to_string(findings.num_examples) + " examples, " + std::to_string(findings.num_truncated) +
         " cut to " + std::to_string(findings.max_length) + " tokens, " + computed_in(findings.precision);
}

std::string confusions_table(const Findings& findings) {
  // For few labels the confusion matrix says the same.
  if (findings.labels.size() <= 8 || findings.worst_confusions.empty()) return "";
  std::string text = "\n  most frequent mistakes (gold -> predicted)\n";
  for (const NamedConfusion& confusion : findings.worst_confusions)
    text += "  " + std::to_string(confusion.count) + "  " + confusion.gold + " -> " + confusion.predicted + "\n";
  return text;
}

}  // namespace

EvalResult evaluate_classifier(const EvalRequest& request, EventSink& events) {
  const ClassificationSession session = ClassificationSession::load(request.model, request.session);
  for (const std::string& warning : session.warnings()) events.warning(warning);
  require_positive_label(request, session.labels());
  const ClassificationObjective objective(session.labels(), {}, {}, request.task.classification.positive_label);
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
      objective.evaluate(*session.model(), encoded.dataset, session.scoring_options(), "evaluating", events, name);
  if (predictions) {
    write_eval_predictions(*predictions, rows, evaluation.scores, session.labels());
    predictions->commit();
  }
  Findings findings = make_findings(session, evaluation, encoded);
  findings.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  findings.precision = request.session.precision;
  findings.num_empty_texts = num_empty_texts;
  findings.num_skipped = rows.num_skipped;
  findings.labels_are_ids = rows.labels_are_ids;
  const ConfusionMatrix confusion(evaluation.scores);
  findings.worst_confusions = name_confusions(confusion, findings.labels);
  std::vector<std::string> warnings = describe_doubts(findings, confusion);
  for (std::string& doubt : describe_doubtful_labels(session.labels(), columns.labels.front()))
    warnings.push_back(std::move(doubt));
  Json counts = to_json(findings);
  counts["warnings"] = warnings;
  return {evaluation.report, std::move(counts), summary_line(request.data, findings), confusions_table(findings),
          std::move(warnings)};
}

}  // namespace llmtool
