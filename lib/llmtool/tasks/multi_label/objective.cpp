#include "llmtool/tasks/multi_label/objective.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

constexpr const char* kLossName = "loss";

std::vector<double> balanced_weights(const LabelSet& labels, std::span<const std::int64_t> counts,
                                     std::int64_t num_examples) {
  std::vector<double> weights;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (counts[id] == 0)
      throw ConfigError("training.pos_weight: balanced needs every label in the training data, but " +
                        quote(labels.name(static_cast<std::int64_t>(id))) +
                        " never occurs there; add examples of it, or give the weights by name");
    weights.push_back(static_cast<double>(num_examples - counts[id]) / static_cast<double>(counts[id]));
  }
  return weights;
}

std::vector<double> positive_weights(const LabelWeights& weights, const LabelSet& labels,
                                     std::span<const std::int64_t> counts, std::int64_t num_examples) {
  if (weights.kind == LabelWeights::Kind::kBalanced) return balanced_weights(labels, counts, num_examples);
  return named_weights(weights.by_name, labels, "training.pos_weight");
}

// log(1 + exp(x)) without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

}  // namespace

MultiLabelObjective::MultiLabelObjective(LabelSet labels, const LabelWeights& pos_weight,
                                         std::span<const std::int64_t> num_of_label, std::int64_t num_training_examples)
    : labels_(std::move(labels)),
      pos_weight_(positive_weights(pos_weight, labels_, num_of_label, num_training_examples)) {}

MultiLabelBatch MultiLabelObjective::make_batch(const MultiLabelTexts& texts, std::span<const std::int64_t> examples,
                                                c10::Device device) const {
  MultiLabelBatch batch(make_model_input(texts.dataset, examples, device));
  const auto num_examples = static_cast<std::int64_t>(examples.size());
  at::Tensor targets = at::zeros({num_examples, labels_.size()});
  float* row = targets.mutable_data_ptr<float>();
  for (const std::int64_t example : examples) {
    for (const std::int64_t label : texts.label_ids.row(example)) row[label] = 1.0F;
    row += labels_.size();
  }
  batch.targets = targets.to(device);
  batch.denominators = {static_cast<double>(num_examples * labels_.size())};
  batch.num_rows = batch.input.layout.num_tokens();
  return batch;
}

std::vector<LossTerm> MultiLabelObjective::loss(const Model& model, const MultiLabelBatch& batch) const {
  const at::Tensor logits = classification_logits(model, batch.input).to(at::kFloat);
  c10::optional<at::Tensor> weights;
  if (std::ranges::any_of(pos_weight_, [](double weight) { return weight != 1.0; }))
    weights = at::tensor(pos_weight_, at::kFloat).to(logits.device());
  return {{kLossName, at::binary_cross_entropy_with_logits(logits, batch.targets, {}, weights, at::Reduction::Sum)}};
}

MultiLabelEvaluation MultiLabelObjective::evaluate(Model& model, const MultiLabelTexts& texts,
                                                   const ScoringOptions& options, const std::string& what,
                                                   EventSink& events, const ExampleName& name) const {
  const EvaluationMode evaluation_mode(model);
  const auto report_progress = [&](std::int64_t num_done) {
    events.progress(
        {.name = what, .done = num_done, .total = texts.dataset.num_features(), .unit = "rows", .detail = {}});
  };
  const ScoreTable logits = score_dataset(model, texts.dataset, labels_.size(), options, report_progress);
  MultiLabelScores scores(labels_.size());
  LossSum loss;
  for (std::int64_t example = 0; example < logits.num_examples(); ++example) {
    const std::span<const std::int64_t> gold = texts.label_ids.row(example);
    judge_example(name, example, [&] { scores.add(gold, logits.row(example)); });
    loss.add(loss_of(gold, logits.row(example)), static_cast<double>(labels_.size()));
  }
  return {std::move(scores), mean_loss(loss).value.value()};
}

double MultiLabelObjective::loss_of(std::span<const std::int64_t> gold, std::span<const float> logits) const {
  double sum = 0.0;
  for (std::size_t label = 0; label < logits.size(); ++label) {
    const bool has_it = std::ranges::find(gold, static_cast<std::int64_t>(label)) != gold.end();
    sum += has_it ? pos_weight_[label] * softplus(-logits[label]) : softplus(logits[label]);
  }
  return sum;
}

MetricReport MultiLabelObjective::report(const MultiLabelEvaluation& evaluation,
                                         const std::vector<double>& thresholds) const {
  MetricReport report = multi_label_report(evaluation.scores, labels_.names(), thresholds);
  report.metrics.insert(report.metrics.begin(), {kLossName, evaluation.loss, ""});
  return report;
}

}  // namespace llmtool
