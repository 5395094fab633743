#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/label_set.h"
#include "llmtool/data/tag_scheme.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/token_classification/pieces.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

struct TokenClassificationBatch : Batch {
  explicit TokenClassificationBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  std::vector<std::int64_t> labels;  // [tokens], kIgnored for those without
};

// Finds the tags of words in the scores of their first pieces.
class WordTagger {
 public:
  // With `scheme` the best sequence of tags that is legal in it, else the best tag of every word.
  WordTagger(const LabelSet& labels, std::optional<TagScheme> scheme);

  // The tag of every word of a sentence; "O" for a word that has no piece. Throws NonFiniteError.
  std::vector<std::string> tags(const EncodedSentences& sentences, std::int64_t sentence,
                                const TokenScoreTable& scores) const;
  // The label of every row of log-probabilities [rows, labels].
  std::vector<std::int64_t> decode(std::span<const double> log_probabilities) const;

 private:
  const LabelSet& labels_;
  std::optional<LegalPaths> paths_;
};

struct TokenClassificationEvaluation {
  std::vector<std::vector<std::string>> tags;  // [sentences], predicted, a tag a word
  // `loss`, the training objective over labelled tokens, then every metric over entity scores.
  MetricReport report;
};

// Sentences with what is to be found in them.
struct GoldSentences {
  const EncodedSentences& encoded;
  const RaggedColumn<std::int64_t>& targets;  // [features], by token
  std::span<const TaggedSentence> sentences;  // with their tags
};

// Every word has one label out of a fixed set. Immutable.
class TokenClassificationObjective {
 public:
  // `scheme` is that of the labels, by which entities are counted in strict mode, and decoded with `viterbi`.
  TokenClassificationObjective(LabelSet labels, TagScheme scheme, bool viterbi, double label_smoothing = 0.0);
  TokenClassificationObjective(const TokenClassificationObjective&) = delete;
  TokenClassificationObjective& operator=(const TokenClassificationObjective&) = delete;

  TokenClassificationBatch make_batch(const EncodedDataset& dataset, const RaggedColumn<std::int64_t>& targets,
                                      std::span<const std::int64_t> features, c10::Device device) const;
  // Cross entropy with label smoothing, as torch.nn.functional.cross_entropy has it, summed over the labelled tokens,
  // with gradients, in whatever mode the model is in; its denominator is their number.
  std::vector<LossTerm> loss(const Model& model, const TokenClassificationBatch& batch) const;

  // Scores all sentences in evaluation mode and puts the model back into the mode it was in. `what` names the progress.
  // Throws NonFiniteError naming the sentence when the model returns NaN or infinity.
  TokenClassificationEvaluation evaluate(Model& model, const GoldSentences& gold, const ScoringOptions& options,
                                         const std::string& what, EventSink& events, const ExampleName& name) const;

 private:
  LossSum sum_of_losses(const GoldSentences& gold, const TokenScoreTable& scores, const ExampleName& name) const;

  LabelSet labels_;
  TagScheme scheme_;
  double label_smoothing_;
  WordTagger tagger_;
};

}  // namespace llmtool
