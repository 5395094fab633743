#include "llmtool/tasks/classification.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/metrics/classification_report.h"
#include "llmtool/metrics/loss_sum.h"
#include "llmtool/models/classification_head.h"
#include "llmtool/tasks/evaluation_mode.h"
#include "llmtool/tasks/label_weights.h"
#include "llmtool/tasks/model_input.h"

namespace llmtool {
namespace {

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

ClassificationTask::ClassificationTask(LabelSet labels, const ClassificationOptions& options,
                                       std::span<const std::int64_t> num_training_examples,
                                       const std::optional<std::string>& positive_label)
    : labels_(std::move(labels)),
      loss_(label_weights(options.class_weights, labels_, num_training_examples), options.label_smoothing),
      positive_label_(find_positive_label(labels_, positive_label)) {}

std::vector<double> ClassificationTask::loss_denominators(const EncodedDataset& dataset,
                                                          std::span<const std::int64_t> examples) const {
  return {loss_.denominator(label_ids(dataset, examples))};
}

ModelInput ClassificationTask::make_input(const Model& model, const EncodedDataset& dataset,
                                          std::span<const std::int64_t> examples) const {
  return make_model_input(dataset, examples, device_of(model));
}

std::vector<TaskLoss> ClassificationTask::loss(const Model& model, const ModelInput& input,
                                               const EncodedDataset& dataset,
                                               std::span<const std::int64_t> examples) const {
  const std::vector<std::int64_t> labels = label_ids(dataset, examples);
  return {{kLossName, loss_.sum(classification_logits(model, input), labels), loss_.denominator(labels)}};
}

ClassificationEvaluation ClassificationTask::evaluate(Model& model, const EncodedDataset& dataset,
                                                      const ScoringOptions& options, const std::string& what,
                                                      EventSink& events, const ExampleName& name) const {
  const EvaluationMode evaluation_mode(model);
  const auto report_progress = [&](std::int64_t num_done) {
    events.progress({.name = what, .done = num_done, .total = dataset.num_features(), .unit = "rows", .detail = {}});
  };
  return judge(score_dataset(model, dataset, labels_.size(), options, report_progress), dataset, name);
}

ClassificationEvaluation ClassificationTask::judge(const ScoreTable& logits, const EncodedDataset& dataset,
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

std::vector<std::int64_t> ClassificationTask::label_ids(const EncodedDataset& dataset,
                                                        std::span<const std::int64_t> examples) const {
  const auto& column = dataset.column<std::int64_t>(kLabel);
  std::vector<std::int64_t> labels;
  labels.reserve(examples.size());
  for (const std::int64_t example : examples) labels.push_back(column.row(example).front());
  return labels;
}

}  // namespace llmtool
