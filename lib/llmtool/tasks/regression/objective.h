#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/regression/options.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// Texts as features of a dataset, and the numbers of each, [examples, targets] in the data's own unit.
struct NumberedTexts {
  const EncodedDataset& dataset;
  std::span<const double> numbers;
};

struct RegressionBatch : Batch {
  explicit RegressionBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  at::Tensor targets;  // fp32 [sequences, targets], scaled
};

// What an evaluation found, examples in the order of the dataset.
struct RegressionEvaluation {
  std::vector<double> predicted;  // [examples, targets] in the data's own unit
  MetricReport report;            // `loss` (the training objective, of scaled numbers), then metrics in the data's unit
};

// The numbers that scores stand for: score * deviation + mean.
std::vector<double> unscaled(std::span<const float> scores, const TargetScale& scale);

// A text has a number for each of some targets; the loss of each is averaged over examples and targets. Immutable.
class RegressionObjective {
 public:
  RegressionObjective(std::vector<std::string> targets, TargetScale scale,
                      const RegressionTrainingOptions& options = {});

  RegressionBatch make_batch(const NumberedTexts& texts, std::span<const std::int64_t> examples,
                             c10::Device device) const;
  // Forward pass with gradients, in whatever mode the model is in.
  std::vector<LossTerm> loss(const Model& model, const RegressionBatch& batch) const;

  // Scores all texts in evaluation mode and puts the model back into the mode it was in. `what` names the progress.
  // Throws NonFiniteError naming the example when the model returns NaN or infinity.
  RegressionEvaluation evaluate(Model& model, const NumberedTexts& texts, const ScoringOptions& options,
                                const std::string& what, EventSink& events, const ExampleName& name = {}) const;

 private:
  double scaled(double number, std::size_t target) const;
  double loss_of(double difference) const;

  std::vector<std::string> targets_;
  TargetScale scale_;
  RegressionTrainingOptions options_;
};

}  // namespace llmtool
