#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/label_set.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/classification_loss.h"
#include "llmtool/tasks/example_name.h"
#include "llmtool/tasks/options.h"
#include "llmtool/tasks/scoring.h"
#include "llmtool/tasks/task_loss.h"

namespace llmtool {

// What an evaluation found, examples in the order of the dataset.
struct ClassificationEvaluation {
  ClassScores scores;
  // `loss` (the training objective, with class weights and smoothing), then every metric over class scores.
  MetricReport report;
};

// Every text has one label out of a fixed set. Datasets are those of encode_records with label ids. Immutable.
class ClassificationTask {
 public:
  // `num_training_examples` by label id is only needed for balanced class weights. `positive_label`: one of two labels,
  // unset: the one with id 1. Throws ConfigError for class weights that do not fit the labels and for a positive label
  // that is none of them.
  ClassificationTask(LabelSet labels, const ClassificationOptions& options = {},
                     std::span<const std::int64_t> num_training_examples = {},
                     const std::optional<std::string>& positive_label = std::nullopt);

  const LabelSet& labels() const { return labels_; }

  // Denominators of loss() in the same order, known without a forward pass.
  std::vector<double> loss_denominators(const EncodedDataset& dataset, std::span<const std::int64_t> examples) const;
  // What loss() gives the model: preparing it is not computing.
  ModelInput make_input(const Model& model, const EncodedDataset& dataset,
                        std::span<const std::int64_t> examples) const;
  // Forward pass over the input of these examples with gradients, in whatever mode the model is in.
  std::vector<TaskLoss> loss(const Model& model, const ModelInput& input, const EncodedDataset& dataset,
                             std::span<const std::int64_t> examples) const;

  // Scores the whole dataset in evaluation mode and puts the model back into the mode it was in. `what` names the
  // progress ("evaluating validation"). Throws NonFiniteError naming the example when the model returns NaN or
  // infinity.
  ClassificationEvaluation evaluate(Model& model, const EncodedDataset& dataset, const ScoringOptions& options,
                                    const std::string& what, EventSink& events, const ExampleName& name = {}) const;

 private:
  std::vector<std::int64_t> label_ids(const EncodedDataset& dataset, std::span<const std::int64_t> examples) const;
  ClassificationEvaluation judge(const ScoreTable& logits, const EncodedDataset& dataset,
                                 const ExampleName& name) const;

  LabelSet labels_;
  ClassificationLoss loss_;
  std::int64_t positive_label_ = 1;
};

}  // namespace llmtool
