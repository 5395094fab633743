#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/label_set.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/classification/options.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// The weight of every label, by id. `num_training_examples` by label id is needed for `balanced`. Throws ConfigError: a
// weight for a name that is no label (with the nearest label), or `balanced` with a label that never occurs.
std::vector<double> label_weights(const LabelWeights& weights, const LabelSet& labels,
                                  std::span<const std::int64_t> num_training_examples);

// Cross entropy with label weights w and smoothing e over L labels, as torch.nn.functional.cross_entropy has it.
// For an example of label y with log probabilities p:
//   (1 - e) * w[y] * -p[y]  +  e / L * sum over labels c of w[c] * -p[c]
// and the mean divides the sum over examples by the sum of w[y].
class ClassificationLoss {
 public:
  // `weights` has one element a label. Throws ConfigError when one is negative or not finite, or none is above 0.
  ClassificationLoss(std::vector<double> weights, double label_smoothing);

  // Sum over the examples, a scalar in fp32 with gradients. logits: [examples, labels], any floating type and device.
  at::Tensor sum(const at::Tensor& logits, std::span<const std::int64_t> labels) const;
  // What the sum over these examples is divided by.
  double denominator(std::span<const std::int64_t> labels) const;
  // The same sum's part of one example in double precision, for evaluation.
  double of_example(std::span<const double> log_probabilities, std::int64_t label) const;

 private:
  std::vector<double> weights_;
  double label_smoothing_;
  bool weighted_;
};

// What an evaluation found, examples in the order of the dataset.
struct ClassificationEvaluation {
  ClassScores scores;
  // `loss` (the training objective, with class weights and smoothing), then every metric over class scores.
  MetricReport report;
};

struct ClassificationBatch : Batch {
  explicit ClassificationBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  std::vector<std::int64_t> labels;  // [sequences]
};

// Every text has one label out of a fixed set. Datasets are those of encode_records with label ids. Immutable.
class ClassificationObjective {
 public:
  // `num_training_examples` by label id is only needed for balanced class weights. `positive_label`: one of two labels,
  // unset: the one with id 1. Throws ConfigError for class weights that do not fit the labels and for a positive label
  // that is none of them.
  ClassificationObjective(LabelSet labels, const ClassificationOptions& options = {},
                          std::span<const std::int64_t> num_training_examples = {},
                          const std::optional<std::string>& positive_label = std::nullopt);

  const LabelSet& labels() const { return labels_; }

  ClassificationBatch make_batch(const EncodedDataset& dataset, std::span<const std::int64_t> examples,
                                 c10::Device device) const;
  // Forward pass with gradients, in whatever mode the model is in.
  std::vector<LossTerm> loss(const Model& model, const ClassificationBatch& batch) const;

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
