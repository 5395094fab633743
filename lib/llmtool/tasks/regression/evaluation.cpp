#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/multi_label_scores.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/regression/objective.h"
#include "llmtool/tasks/regression/task.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

// Whether a reranker's folder asks for a sigmoid of its scores: sentence-transformers keeps the activation of a
// CrossEncoder in config.json, under one of two names by its version.
bool asks_for_sigmoid(const Json& config, const std::string& file) {
  const Json settings = config.value("sentence_transformers", Json::object());
  Json activation = config.value("sbert_ce_default_activation_function", Json());
  if (settings.is_object() && settings.contains("activation_fn")) activation = settings["activation_fn"];
  if (activation.is_null()) return false;
  const std::string name = activation.is_string() ? activation.get<std::string>() : "";
  if (name.ends_with("activation.Sigmoid")) return true;
  if (name.ends_with("linear.Identity")) return false;
  throw ModelError(file + ": the activation of the scores is " + json_excerpt(activation) +
                   "; only torch's Identity and Sigmoid are supported");
}

// A model that is used for regression.
struct NumberModel {
  TextScorer scorer;
  TargetScale scale;
  bool has_sigmoid = false;
};

NumberModel load(const std::filesystem::path& directory, const SessionOptions& session) {
  TextScorer scorer = TextScorer::load(directory, session);
  const std::string file = model_config_path(directory);
  const Json& config = scorer.model()->config();
  TargetScale scale = TargetScale::of_model(config, scorer.names().size(), file);
  const bool has_sigmoid = asks_for_sigmoid(config, file);
  return {std::move(scorer), std::move(scale), has_sigmoid};
}

std::vector<double> numbers_of(std::span<const float> scores, const TargetScale& scale, bool has_sigmoid) {
  require_finite_scores(scores);
  std::vector<double> numbers = unscaled(scores, scale);
  if (has_sigmoid)
    for (double& number : numbers) number = sigmoid(number);
  return numbers;
}

// One number stands for itself; several are told by name.
Json told(std::span<const double> numbers, const std::vector<std::string>& names) {
  return numbers.size() == 1 ? Json(numbers.front()) : values_by_name(names, numbers);
}

struct EvaluatedNumbers {
  EvaluatedTexts texts;
  std::vector<double> gold;  // [examples, targets]
};

EvaluatedNumbers read_numbers(const EvalRequest& request, std::size_t num_targets) {
  RecordColumns columns = eval_columns(request);
  columns.label_form = LabelForm::kNumbers;
  if (columns.labels.size() != num_targets)
    throw UsageError(request.model.string() + " predicts " + std::to_string(num_targets) + " numbers a text, but " +
                     std::to_string(columns.labels.size()) + " columns are named; give each with --label-column");
  RecordFile file = read_records(request.data, columns);
  EvaluatedNumbers read;
  read.texts.num_empty_texts = file.num_empty_texts;
  for (Record& record : file.records) {
    if (record.numbers.empty()) {
      ++read.texts.num_skipped;
      continue;
    }
    read.gold.insert(read.gold.end(), record.numbers.begin(), record.numbers.end());
    read.texts.rows.push_back(std::move(record));
  }
  if (read.texts.rows.empty()) throw DataError(request.data + ": no row has a number in every label column");
  return read;
}

void write_predictions(RowWriter& writer, const EvaluatedNumbers& read, const RegressionEvaluation& evaluation,
                       const std::vector<std::string>& names) {
  for (std::size_t example = 0; example < read.texts.rows.size(); ++example) {
    const Record& record = read.texts.rows[example];
    const auto part = [&](const std::vector<double>& numbers) {
      return std::span(numbers).subspan(example * names.size(), names.size());
    };
    writer.write({{"row", record.row},
                  {"line", record.line},
                  {"gold", told(part(read.gold), names)},
                  {"predicted", told(part(evaluation.predicted), names)}});
  }
  writer.commit();
}

}  // namespace

EvalResult evaluate_regression(const EvalRequest& request, EventSink& events) {
  const NumberModel model = load(request.model, request.session);
  if (model.has_sigmoid)
    throw ModelError(
        model_config_path(request.model) +
        ": the model's scores are meant to go through a sigmoid; it can be used by predict, but not judged "
        "against numbers");
  const std::vector<std::string>& names = model.scorer.names();
  log_scorer(model.scorer, events);
  EvaluatedNumbers read = read_numbers(request, names.size());
  const auto predictions = create_eval_predictions(request.predictions, {"row", "line", "gold", "predicted"});

  const auto start = std::chrono::steady_clock::now();
  read.texts.encoded = encode_evaluated(read.texts.rows, {}, request, model.scorer, events);
  const RegressionObjective objective(names, model.scale);
  const RegressionEvaluation evaluation =
      objective.evaluate(*model.scorer.model(), {read.texts.encoded.dataset, read.gold}, model.scorer.scoring_options(),
                         "evaluating", events, row_name(request, read.texts.rows));
  if (predictions) write_predictions(*predictions, read, evaluation, names);
  read.texts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const std::vector<std::string> warnings = doubts_of(read.texts, model.scorer);
  Json counts = counts_of(read.texts, model.scorer, request);
  counts["warnings"] = warnings;
  return {evaluation.report, std::move(counts), summary_of(read.texts, model.scorer, request), "", warnings};
}

std::unique_ptr<TextPredictor> make_regression_predictor(const PredictorOptions& options) {
  NumberModel model = load(options.model, options.session);
  const std::string name = model.scorer.num_outputs() == 1 ? "predicted_number" : "predicted_numbers";
  const auto read = [names = model.scorer.names(), scale = model.scale,
                     has_sigmoid = model.has_sigmoid](std::span<const float> scores) -> std::vector<Json> {
    return {told(numbers_of(scores, scale, has_sigmoid), names)};
  };
  return make_score_predictor(std::move(model.scorer), {name}, read);
}

}  // namespace llmtool
