#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/label_set.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/multi_label_scores.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/multi_label/options.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// Texts as features of a dataset, and the ids of the labels of each.
struct MultiLabelTexts {
  const EncodedDataset& dataset;
  const RaggedColumn<std::int64_t>& label_ids;
};

struct MultiLabelBatch : Batch {
  explicit MultiLabelBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  at::Tensor targets;  // fp32 [sequences, labels], 1 where a sequence has the label
};

// What an evaluation found, examples in the order of the dataset.
struct MultiLabelEvaluation {
  MultiLabelScores scores;
  double loss = 0.0;  // the training objective
};

// A text has any number of labels: binary cross entropy of each, weighted as torch's BCEWithLogitsLoss has it,
//   -(w * y * log p + (1 - y) * log(1 - p)),
// averaged over examples and labels. Immutable.
class MultiLabelObjective {
 public:
  // `num_training_examples` and its share of each label, by id, are needed for balanced weights only. Throws
  // ConfigError for weights that do not fit the labels.
  MultiLabelObjective(LabelSet labels, const LabelWeights& pos_weight = {},
                      std::span<const std::int64_t> num_of_label = {}, std::int64_t num_training_examples = 0);

  const LabelSet& labels() const { return labels_; }

  MultiLabelBatch make_batch(const MultiLabelTexts& texts, std::span<const std::int64_t> examples,
                             c10::Device device) const;
  // Forward pass with gradients, in whatever mode the model is in.
  std::vector<LossTerm> loss(const Model& model, const MultiLabelBatch& batch) const;

  // Scores all texts in evaluation mode and puts the model back into the mode it was in. `what` names the progress.
  // Throws NonFiniteError naming the example when the model returns NaN or infinity.
  MultiLabelEvaluation evaluate(Model& model, const MultiLabelTexts& texts, const ScoringOptions& options,
                                const std::string& what, EventSink& events, const ExampleName& name = {}) const;
  // `loss`, then every metric over the scores.
  MetricReport report(const MultiLabelEvaluation& evaluation, const std::vector<double>& thresholds) const;

 private:
  double loss_of(std::span<const std::int64_t> gold, std::span<const float> logits) const;

  LabelSet labels_;
  std::vector<double> pos_weight_;  // by label id
};

}  // namespace llmtool
