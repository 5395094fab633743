#include "llmtool/tasks/classification/options.h"

#include "llmtool/core/json.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

void check_classification(const RunConfig& config, FieldErrors& errors) {
  if (config.data.text.size() > 2) errors.add("data.text", "a classifier reads one column, or two for pairs");
  if (config.data.label.size() > 1) errors.add("data.label", "a classifier has one label a text, in one column");
  if (config.data.format == FileFormat::kText)
    errors.add("data.format", "plain text has no labels; use csv, tsv or jsonl");
}

}  // namespace

LabelName LabelName::from_json(const Json& json) {
  if (json.is_string() && !json.get<std::string>().empty()) return {json.get<std::string>()};
  if (json.is_number_integer()) return {json.dump()};
  throw ValueError("expected the name of a label, not " + json_excerpt(json));
}

Json LabelName::to_json() const { return text; }

Json LabelName::json_schema() { return Json::parse(R"({"type": ["string", "integer"], "minLength": 1})"); }

TaskRow classification_row() {
  return {.kind = TaskKind::kClassification,
          .verb = TrainingVerb::kFinetune,
          .model_noun = "classifier",
          .default_metric = "macro_f1",
          .most_texts = 2,
          .heads = {HeadKind::kSequenceClassification},
          .fields = {"model.head", "model.classifier_dropout", "tokenizer.on_overlong", "tokenizer.truncation",
                     "tokenizer.truncation_side", "data.label", "data.labels", "data.unknown_label", "data.max_rows",
                     "training.class_weights", "training.label_smoothing", "evaluation.positive_label"},
          .eval_options = {"--label-column", "--unknown-label", "--max-rows", "--positive-label", "--predictions",
                           "a second --text-column"},
          .head = [](const RunConfig&) { return HeadKind::kSequenceClassification; },
          .records =
              [](const RunConfig&) {
                return std::vector{RecordKind::kLoss, RecordKind::kClassScores};
              },
          .check = check_classification};
}

}  // namespace llmtool
