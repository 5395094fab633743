#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/nn/pooling.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// Columns of texts that belong together, one feature a row in each: texts and their counterparts, and perhaps texts
// that are no counterparts though they look like it (hard negatives). The same dataset twice: a text is its own
// counterpart, and dropout makes the two differ.
struct ContrastiveViews {
  const EncodedDataset* texts = nullptr;
  const EncodedDataset* counterparts = nullptr;
  const EncodedDataset* hard_negatives = nullptr;  // null without any

  std::int64_t num_rows() const { return texts->num_features(); }
};

// The same for some rows, as a model reads it.
struct ContrastiveBatch : Batch {
  ContrastiveBatch(ModelInput of_texts, ModelInput of_counterparts)
      : texts(std::move(of_texts)), counterparts(std::move(of_counterparts)) {}

  ModelInput texts, counterparts;
  std::optional<ModelInput> hard_negatives;
};

// `loss`, then the retrieval metrics: `texts` and `candidates` are [rows, width] at length 1, the counterpart of text i
// being candidate i.
MetricReport retrieval_report(const at::Tensor& texts, const at::Tensor& candidates, double temperature);

ContrastiveBatch make_batch(const ContrastiveViews& views, std::span<const std::int64_t> rows, c10::Device device);

// Texts come to lie near their counterparts and far from those of others: SimCSE (Gao, Yao, Chen, 2021), equations 1
// and 5, without its projection layer. Immutable.
class ContrastiveObjective {
 public:
  ContrastiveObjective(double temperature, Pooling pooling) : temperature_(temperature), pooling_(pooling) {}

  // Forward pass with gradients in whatever mode the model is in. Each text is to be told its counterpart among the
  // counterparts and hard negatives of these rows, so the loss of a row depends on which others are in the batch.
  std::vector<LossTerm> loss(const Model& model, const ContrastiveBatch& batch) const;

  // In evaluation mode, among the counterparts and hard negatives of all rows, so that batches make no difference:
  // `loss`, then the retrieval metrics. Throws NonFiniteError naming the row when the model returns NaN or infinity.
  MetricReport evaluate(Model& model, const ContrastiveViews& views, const ScoringOptions& options,
                        const std::string& what, EventSink& events, const ExampleName& name = {}) const;

 private:
  // [rows, hidden], at length 1
  at::Tensor embed(const Model& model, const ModelInput& input) const;
  at::Tensor embed_all(const Model& model, const EncodedDataset& dataset, const ScoringOptions& options,
                       const std::string& what, EventSink& events, const ExampleName& name) const;

  double temperature_;
  Pooling pooling_;
};

}  // namespace llmtool
