#include "llmtool/tasks/regression/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "llmtool/core/json.h"
#include "llmtool/models/labels.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

void check_regression(const RunConfig& config, FieldErrors& errors) {
  if (config.data.text.size() > 2) errors.add("data.text", "regression reads one column, or two for pairs");
  if (config.data.format == FileFormat::kText)
    errors.add("data.format", "plain text has no numbers to learn; use csv, tsv or jsonl");
  const RegressionTrainingOptions& training = config.training.task.regression;
  if (training.huber_delta != RegressionTrainingOptions().huber_delta &&
      training.regression_loss != RegressionLoss::kHuber)
    errors.add("training.huber_delta", "is for training.regression_loss: huber");
}

// A head with one output is one of regression unless its config says otherwise, as in transformers.
bool is_own_model(const Json& config, const std::string& file) {
  const Json problem = config.value("problem_type", Json());
  return problem.is_null() ? num_labels(config, file) == 1 : problem == "regression";
}

std::vector<double> numbers_of_model(const Json& config, const char* key, std::size_t num_targets,
                                     const std::string& file) {
  const Json& numbers = config.at(key);
  const bool fits = numbers.is_array() && numbers.size() == num_targets &&
                    std::ranges::all_of(numbers, [](const Json& number) { return number.is_number(); });
  if (!fits)
    throw ModelError(file + ": '" + key + "' must be a list with a number for each of the " +
                     std::to_string(num_targets) + " outputs");
  return numbers.get<std::vector<double>>();
}

}  // namespace

TargetScale TargetScale::none(std::size_t num_targets) {
  return {std::vector<double>(num_targets, 0.0), std::vector<double>(num_targets, 1.0)};
}

TargetScale TargetScale::of_model(const Json& config, std::size_t num_targets, const std::string& file) {
  if (config.contains("target_mean") != config.contains("target_deviation"))
    throw ModelError(file + ": target_mean and target_deviation belong together; one of them is missing");
  if (!config.contains("target_mean")) return none(num_targets);
  return {numbers_of_model(config, "target_mean", num_targets, file),
          numbers_of_model(config, "target_deviation", num_targets, file)};
}

namespace {

// Grades such as 1 and 2 are rather names of labels.
bool has_fractions(const std::vector<std::string>& values) {
  bool any_fraction = false;
  for (const std::string& value : values) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number)) return false;
    any_fraction |= number != std::trunc(number);
  }
  return any_fraction;
}

}  // namespace

TaskRow regression_row() {
  return {
      .kind = TaskKind::kRegression,
      .verb = TrainingVerb::kFinetune,
      .model_noun = "model of regression",
      .default_metric = "rmse",
      .most_texts = 2,
      .has_labels = has_fractions,
      .heads = {HeadKind::kSequenceClassification},
      .is_own_model = is_own_model,
      .fields = {"model.head", "model.classifier_dropout", "tokenizer.on_overlong", "tokenizer.truncation",
                 "tokenizer.truncation_side", "data.label", "data.unknown_label", "data.max_rows", "data.standardize",
                 "training.regression_loss", "training.huber_delta"},
      .eval_options = {"--label-column", "--unknown-label", "--max-rows", "--predictions", "a second --text-column"},
      .head = [](const RunConfig&) { return HeadKind::kSequenceClassification; },
      .records =
          [](const RunConfig&) {
            return std::vector{RecordKind::kLoss, RecordKind::kRegressionScores};
          },
      .check = check_regression};
}

}  // namespace llmtool
