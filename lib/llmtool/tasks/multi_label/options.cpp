#include "llmtool/tasks/multi_label/options.h"

#include <algorithm>

#include "llmtool/core/json.h"
#include "llmtool/models/labels.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

constexpr const char* kThresholds = "thresholds";

bool is_probability(const Json& json) {
  return json.is_number() && json.get<double>() >= 0.0 && json.get<double>() <= 1.0;
}

void check_multi_label(const RunConfig& config, FieldErrors& errors) {
  if (config.data.text.size() > 2)
    errors.add("data.text", "a classifier of several labels reads one column, or two for pairs");
  if (config.data.format == FileFormat::kText)
    errors.add("data.format", "plain text has no labels; use csv, tsv or jsonl");
  if (config.data.task.multi_label.label_separator.empty()) errors.add("data.label_separator", "is empty");
  if (config.data.label.size() > 1 && !config.data.labels.empty())
    errors.add("data.labels", "the columns of data.label are the labels, in their order; leave one of the two out");
  if (config.evaluation.task.multi_label.threshold.is_tuned && !config.data.validation)
    errors.add("evaluation.threshold",
               "tune needs validation data; set data.validation to a file or a share such as 0.1");
}

bool is_own_model(const Json& config, const std::string& /*file*/) {
  return config.value("problem_type", Json()) == "multi_label_classification";
}

}  // namespace

LabelThreshold LabelThreshold::from_json(const Json& json) {
  if (json.is_string() && json == "tune") return {LabelThreshold().value, true};
  if (!is_probability(json)) throw ValueError("expected tune or a number from 0 to 1, not " + json_excerpt(json));
  return {json.get<double>(), false};
}

Json LabelThreshold::to_json() const { return is_tuned ? Json("tune") : Json(value); }

Json LabelThreshold::json_schema() {
  return Json::parse(R"({"oneOf": [{"enum": ["tune"]}, {"type": "number", "minimum": 0, "maximum": 1}]})");
}

std::vector<double> label_thresholds(const Json& config, const std::vector<std::string>& labels,
                                     const std::optional<double>& asked, const std::string& file) {
  if (asked) return std::vector<double>(labels.size(), *asked);
  std::vector<double> thresholds(labels.size(), LabelThreshold().value);
  const auto stored = config.find(kThresholds);
  if (stored == config.end()) return thresholds;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    if (!stored->is_object() || stored->size() != labels.size() || !stored->contains(labels[label]) ||
        !is_probability((*stored)[labels[label]]))
      throw ModelError(file + ": '" + kThresholds + "' must have a number from 0 to 1 for each label of id2label");
    thresholds[label] = (*stored)[labels[label]].get<double>();
  }
  return thresholds;
}

Json thresholds_to_json(const std::vector<std::string>& labels, const std::vector<double>& thresholds) {
  Json json = Json::object();
  for (std::size_t label = 0; label < labels.size(); ++label) json[labels[label]] = thresholds[label];
  return json;
}

namespace {

bool are_lists(const std::vector<std::string>& values) {
  return std::ranges::all_of(values, [](const std::string& value) {
    return value.starts_with('[') && Json::parse(value, nullptr, false).is_array();
  });
}

}  // namespace

TaskRow multi_label_row() {
  return {.kind = TaskKind::kMultiLabel,
          .verb = TrainingVerb::kFinetune,
          .model_noun = "classifier of several labels",
          .default_metric = "micro_f1",
          .most_texts = 2,
          .has_labels = are_lists,
          .heads = {HeadKind::kSequenceClassification},
          .is_own_model = is_own_model,
          .fields = {"model.head", "model.classifier_dropout", "tokenizer.on_overlong", "tokenizer.truncation",
                     "tokenizer.truncation_side", "data.label", "data.label_separator", "data.labels",
                     "data.unknown_label", "data.max_rows", "training.pos_weight", "evaluation.threshold"},
          .eval_options = {"--label-column", "--unknown-label", "--max-rows", "--predictions", "--threshold",
                           "a second --text-column"},
          .predict_options = {"threshold"},
          .head = [](const RunConfig&) { return HeadKind::kSequenceClassification; },
          .records =
              [](const RunConfig&) {
                return std::vector{RecordKind::kLoss, RecordKind::kMultiLabelScores};
              },
          .check = check_multi_label};
}

}  // namespace llmtool
