#include "llmtool/tasks/classification/options.h"

#include <cmath>

#include "llmtool/core/json.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

constexpr const char* kExpected = "expected none, balanced or a mapping of label names to weights";

double weight_from_json(const std::string& name, const Json& json) {
  const double weight = json.is_number() ? json.get<double>() : -1.0;
  if (!std::isfinite(weight) || weight < 0.0)
    throw ValueError("the weight of " + quote(name) + " must be a number from 0 on, not " + json_excerpt(json));
  return weight;
}

void check_classification(const RunConfig& config, FieldErrors& errors) {
  if (config.data.text.size() > 2) errors.add("data.text", "a classifier reads one column, or two for pairs");
  if (config.data.label.size() > 1) errors.add("data.label", "a classifier has one label a text, in one column");
  if (config.data.format == FileFormat::kText)
    errors.add("data.format", "plain text has no labels; use csv, tsv or jsonl");
}

}  // namespace

ClassWeights ClassWeights::from_json(const Json& json) {
  if (json.is_string() && json == "none") return {Kind::kNone, {}};
  if (json.is_string() && json == "balanced") return {Kind::kBalanced, {}};
  if (!json.is_object() || json.empty()) throw ValueError(std::string(kExpected) + ", not " + json_excerpt(json));
  ClassWeights weights{Kind::kByName, {}};
  for (const auto& [name, weight] : json.items()) weights.by_name[name] = weight_from_json(name, weight);
  return weights;
}

Json ClassWeights::to_json() const {
  if (kind == Kind::kNone) return "none";
  if (kind == Kind::kBalanced) return "balanced";
  Json json = Json::object();
  for (const auto& [name, weight] : by_name) json[name] = weight;
  return json;
}

Json ClassWeights::json_schema() {
  return Json::parse(R"({"oneOf": [{"enum": ["none", "balanced"]},
      {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0}}]})");
}

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
