#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/masking.h"
#include "llmtool/data/sequences.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/report.h"
#include "llmtool/metrics/token_scores.h"
#include "llmtool/models/model.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// A sequence with what must be predicted of it.
struct LanguageModelExample {
  TokenSequence sequence;
  std::vector<PredictedToken> targets;
};

LanguageModelExample make_example(const SequenceSource& source, const TargetRule& rule, std::int64_t index,
                                  std::int64_t epoch);

// Packed examples on a device.
struct LanguageModelBatch : Batch {
  explicit LanguageModelBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  at::Tensor rows;         // int64 [targets]: row of `input` whose hidden state predicts
  at::Tensor targets;      // int64 [targets]: token id
  at::Tensor pair_labels;  // int64 [sequences]; undefined without sentence pairs
};

// The text behind a source, for figures per byte.
struct TextSize {
  std::int64_t num_tokens = 0;
  std::int64_t num_bytes = 0;
  std::int64_t num_ends = 0;  // tokens put behind documents, which are predicted besides
};

struct LanguageModelEvaluation {
  LanguageModelScores scores;
  // `loss` (the training objective), then the metrics of language models.
  MetricReport report;
};

// Tokens of running text are predicted: those that were hidden, or each from those before it, and where the sequences
// are pairs of segments, whether they belong together. Immutable.
class LanguageModelObjective {
 public:
  // `is_causal`: every token of the text is predicted. `has_pairs`: the sequences have pair labels.
  LanguageModelObjective(std::shared_ptr<const TargetRule> rule, bool is_causal, bool has_pairs);

  // The examples of a batch, with what is hidden in them in this epoch.
  std::vector<LanguageModelExample> make_examples(const SequenceSource& source, std::span<const std::int64_t> indices,
                                                  std::int64_t epoch) const;
  LanguageModelBatch make_batch(std::span<const LanguageModelExample> examples, c10::Device device) const;
  // Forward pass with gradients in whatever mode the model is in.
  std::vector<LossTerm> loss(const Model& model, const LanguageModelBatch& batch) const;

  // Scores every sequence in evaluation mode; what is hidden is the same in every evaluation. Throws NonFiniteError
  // naming where the text of a sequence begins.
  LanguageModelEvaluation evaluate(Model& model, const SequenceSource& source, const TextSize& text,
                                   const ScoringOptions& options, const std::string& what, EventSink& events) const;

 private:
  MetricReport make_report(const LanguageModelScores& scores) const;

  std::shared_ptr<const TargetRule> rule_;
  bool is_causal_;
  bool has_pairs_;
};

}  // namespace llmtool
