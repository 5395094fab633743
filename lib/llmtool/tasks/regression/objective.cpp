#include "llmtool/tasks/regression/objective.h"

#include <ATen/Functions.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/regression_scores.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

constexpr const char* kLossName = "loss";

}  // namespace

std::vector<double> unscaled(std::span<const float> scores, const TargetScale& scale) {
  std::vector<double> numbers;
  for (std::size_t target = 0; target < scores.size(); ++target)
    numbers.push_back(static_cast<double>(scores[target]) * scale.deviation[target] + scale.mean[target]);
  return numbers;
}

RegressionObjective::RegressionObjective(std::vector<std::string> targets, TargetScale scale,
                                         const RegressionTrainingOptions& options)
    : targets_(std::move(targets)), scale_(std::move(scale)), options_(options) {}

double RegressionObjective::scaled(double number, std::size_t target) const {
  return (number - scale_.mean[target]) / scale_.deviation[target];
}

RegressionBatch RegressionObjective::make_batch(const NumberedTexts& texts, std::span<const std::int64_t> examples,
                                                c10::Device device) const {
  RegressionBatch batch(make_model_input(texts.dataset, examples, device));
  std::vector<float> targets;
  for (const std::int64_t example : examples)
    for (std::size_t target = 0; target < targets_.size(); ++target)
      targets.push_back(static_cast<float>(
          scaled(texts.numbers[static_cast<std::size_t>(example) * targets_.size() + target], target)));
  const auto num_targets = static_cast<std::int64_t>(targets_.size());
  batch.targets = at::tensor(targets, at::kFloat).view({-1, num_targets}).to(device);
  batch.denominators = {static_cast<double>(targets.size())};
  batch.num_rows = batch.input.layout.num_tokens();
  return batch;
}

std::vector<LossTerm> RegressionObjective::loss(const Model& model, const RegressionBatch& batch) const {
  const at::Tensor numbers = classification_logits(model, batch.input).to(at::kFloat);
  switch (options_.regression_loss) {
    case RegressionLoss::kMse:
      return {{kLossName, at::mse_loss(numbers, batch.targets, at::Reduction::Sum)}};
    case RegressionLoss::kMae:
      return {{kLossName, at::l1_loss(numbers, batch.targets, at::Reduction::Sum)}};
    case RegressionLoss::kHuber:
      return {{kLossName, at::huber_loss(numbers, batch.targets, at::Reduction::Sum, options_.huber_delta)}};
  }
  throw std::logic_error("a loss without a rule");
}

// The same of one number in double.
double RegressionObjective::loss_of(double difference) const {
  const double distance = std::abs(difference);
  const double delta = options_.huber_delta;
  switch (options_.regression_loss) {
    case RegressionLoss::kMse:
      return difference * difference;
    case RegressionLoss::kMae:
      return distance;
    case RegressionLoss::kHuber:
      return distance <= delta ? 0.5 * difference * difference : delta * (distance - 0.5 * delta);
  }
  throw std::logic_error("a loss without a rule");
}

RegressionEvaluation RegressionObjective::evaluate(Model& model, const NumberedTexts& texts,
                                                   const ScoringOptions& options, const std::string& what,
                                                   EventSink& events, const ExampleName& name) const {
  const EvaluationMode evaluation_mode(model);
  const auto report_progress = [&](std::int64_t num_done) {
    events.progress(
        {.name = what, .done = num_done, .total = texts.dataset.num_features(), .unit = "rows", .detail = {}});
  };
  const auto num_targets = static_cast<std::int64_t>(targets_.size());
  const ScoreTable table = score_dataset(model, texts.dataset, num_targets, options, report_progress);
  RegressionScores scores(num_targets);
  LossSum loss;
  RegressionEvaluation evaluation;
  for (std::int64_t example = 0; example < table.num_examples(); ++example) {
    const std::span<const double> gold =
        texts.numbers.subspan(static_cast<std::size_t>(example) * targets_.size(), targets_.size());
    const std::vector<double> predicted = unscaled(table.row(example), scale_);
    judge_example(name, example, [&] { scores.add(gold, predicted); });
    for (std::size_t target = 0; target < targets_.size(); ++target)
      loss.add(loss_of(static_cast<double>(table.row(example)[target]) - scaled(gold[target], target)), 1.0);
    evaluation.predicted.insert(evaluation.predicted.end(), predicted.begin(), predicted.end());
  }
  evaluation.report = regression_report(scores, targets_);
  const MetricValue mean = mean_loss(loss);
  evaluation.report.metrics.insert(evaluation.report.metrics.begin(), {kLossName, mean.value, mean.reason});
  return evaluation;
}

}  // namespace llmtool
