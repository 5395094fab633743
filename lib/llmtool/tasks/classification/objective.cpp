#include "llmtool/tasks/classification/objective.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/classification_metrics.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

// examples / (labels * examples of the label): scikit-learn's compute_class_weight("balanced").
std::vector<double> balanced_weights(const LabelSet& labels, std::span<const std::int64_t> counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<double> weights;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (counts[id] == 0)
      throw ConfigError("training.class_weights: balanced needs every label in the training data, but " +
                        quote(labels.name(static_cast<std::int64_t>(id))) +
                        " never occurs there; add examples of it, or give the weights by name");
    weights.push_back(total / (static_cast<double>(counts.size()) * static_cast<double>(counts[id])));
  }
  return weights;
}

constexpr const char* kLossName = "loss";

std::int64_t find_positive_label(const LabelSet& labels, const std::optional<std::string>& name) {
  if (!name) return 1;
  if (labels.size() != 2)
    throw ConfigError("a positive label is meant for two labels, but there are " + std::to_string(labels.size()) +
                      "; leave evaluation.positive_label out");
  if (const auto id = labels.find(*name)) return *id;
  throw ConfigError("evaluation.positive_label: " + quote(*name) + " is not a label; the labels are " +
                    quote(labels.name(0)) + " and " + quote(labels.name(1)));
}

}  // namespace

std::vector<double> label_weights(const LabelWeights& weights, const LabelSet& labels,
                                  std::span<const std::int64_t> num_training_examples) {
  switch (weights.kind) {
    case LabelWeights::Kind::kBalanced:
      return balanced_weights(labels, num_training_examples);
    case LabelWeights::Kind::kByName:
      return named_weights(weights.by_name, labels, "training.class_weights");
    case LabelWeights::Kind::kNone:
      break;
  }
  return std::vector<double>(static_cast<std::size_t>(labels.size()), 1.0);
}

ClassificationLoss::ClassificationLoss(std::vector<double> weights, double label_smoothing)
    : weights_(std::move(weights)), label_smoothing_(label_smoothing) {
  const auto is_weight = [](double weight) { return std::isfinite(weight) && weight >= 0.0; };
  if (!std::all_of(weights_.begin(), weights_.end(), is_weight))
    throw ConfigError("class weights must be finite numbers from 0 on");
  if (std::all_of(weights_.begin(), weights_.end(), [](double weight) { return weight == 0.0; }))
    throw ConfigError(
        "every class weight is 0, so there is nothing to learn; give at least one label a weight above 0");
  weighted_ = std::any_of(weights_.begin(), weights_.end(), [](double weight) { return weight != 1.0; });
}

at::Tensor ClassificationLoss::sum(const at::Tensor& logits, std::span<const std::int64_t> labels) const {
  const auto targets = at::tensor(at::ArrayRef<std::int64_t>(labels.data(), labels.size()), at::kLong);
  c10::optional<at::Tensor> weights;
  if (weighted_) weights = at::tensor(weights_, at::kFloat).to(logits.device());
  constexpr std::int64_t kIgnoreNothing = -100;
  return at::cross_entropy_loss(logits.to(at::kFloat), targets.to(logits.device()), weights, at::Reduction::Sum,
                                kIgnoreNothing, label_smoothing_);
}

double ClassificationLoss::denominator(std::span<const std::int64_t> labels) const {
  double sum = 0.0;
  for (const std::int64_t label : labels) sum += weights_[label];
  return sum;
}

double ClassificationLoss::of_example(std::span<const double> log_probabilities, std::int64_t label) const {
  double smooth = 0.0;
  if (label_smoothing_ > 0.0)
    for (std::size_t i = 0; i < weights_.size(); ++i) smooth -= weights_[i] * log_probabilities[i];
  return -(1.0 - label_smoothing_) * weights_[label] * log_probabilities[label] +
         label_smoothing_ / static_cast<double>(weights_.size()) * smooth;
}

ClassificationObjective::ClassificationObjective(LabelSet labels, const ClassificationOptions& options,
                                                 std::span<const std::int64_t> num_training_examples,
                                                 const std::optional<std::string>& positive_label)
    : labels_(std::move(labels)),
      loss_(label_weights(options.class_weights, labels_, num_training_examples), options.label_smoothing),
      positive_label_(find_positive_label(labels_, positive_label)) {}

ClassificationBatch ClassificationObjective::make_batch(const EncodedDataset& dataset,
                                                        std::span<const std::int64_t> examples,
                                                        c10::Device device) const {
  ClassificationBatch batch(make_model_input(dataset, examples, device));
  batch.labels = label_ids(dataset, examples);
  batch.denominators = {loss_.denominator(batch.labels)};
  batch.num_rows = batch.input.layout.num_tokens();
  return batch;
}

std::vector<LossTerm> ClassificationObjective::loss(const Model& model, const ClassificationBatch& batch) const {
  return {{kLossName, loss_.sum(classification_logits(model, batch.input), batch.labels)}};
}

ClassificationEvaluation ClassificationObjective::evaluate(Model& model, const EncodedDataset& dataset,
                                                           const ScoringOptions& options, const std::string& what,
                                                           EventSink& events, const ExampleName& name) const {
  const EvaluationMode evaluation_mode(model);
  const auto report_progress = [&](std::int64_t num_done) {
    events.progress({.name = what, .done = num_done, .total = dataset.num_features(), .unit = "rows", .detail = {}});
  };
  return judge(score_dataset(model, dataset, labels_.size(), options, report_progress), dataset, name);
}

ClassificationEvaluation ClassificationObjective::judge(const ScoreTable& logits, const EncodedDataset& dataset,
                                                        const ExampleName& name) const {
  const auto& labels = dataset.column<std::int64_t>(kLabel);
  ClassScores scores(labels_.size());
  LossSum loss;
  std::vector<double> log_probabilities(static_cast<std::size_t>(labels_.size()));
  for (std::int64_t example = 0; example < logits.num_examples(); ++example) {
    const std::int64_t label = labels.row(example).front();
    judge_example(name, example, [&] { scores.add(label, logits.row(example)); });
    for (std::int64_t id = 0; id < labels_.size(); ++id)
      log_probabilities[static_cast<std::size_t>(id)] = scores.log_probability(example, id);
    loss.add(loss_.of_example(log_probabilities, label), loss_.denominator({&label, 1}));
  }
  MetricReport report = classification_report(scores, labels_.names(), positive_label_);
  const MetricValue mean = mean_loss(loss);
  report.metrics.insert(report.metrics.begin(), {kLossName, mean.value, mean.reason});
  return {std::move(scores), std::move(report)};
}

std::vector<std::int64_t> ClassificationObjective::label_ids(const EncodedDataset& dataset,
                                                             std::span<const std::int64_t> examples) const {
  const auto& column = dataset.column<std::int64_t>(kLabel);
  std::vector<std::int64_t> labels;
  labels.reserve(examples.size());
  for (const std::int64_t example : examples) labels.push_back(column.row(example).front());
  return labels;
}

}  // namespace llmtool
