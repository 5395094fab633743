#pragma once

#include <optional>

#include "llmtool/core/fields.h"
#include "llmtool/data/masking_options.h"
#include "llmtool/data/sentence_objective.h"
#include "llmtool/nn/pooling_kind.h"
#include "llmtool/tasks/class_weights.h"

namespace llmtool {

// How a classification task computes its loss. The fields are named as in section `training` of the run config.
struct ClassificationOptions {
  ClassWeights class_weights;
  double label_smoothing = 0.0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("class_weights", self.class_weights,
          "Classification: what a label's examples count in the loss: none, balanced, or {name: weight} (labels not "
          "named weigh 1).");
    visit("label_smoothing", self.label_smoothing,
          "Classification: share of each target spread evenly over all labels, as torch's cross_entropy defines it.",
          in_range(0.0, 1.0));
  }
};

// What a masked language model is asked. Fields as above.
struct MaskedLanguageModelOptions {
  MaskingOptions masking;
  SentenceObjective sentence_pairs = SentenceObjective::kNone;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("masking", self.masking, "Masked language models: which tokens are hidden and predicted.");
    visit(
        "sentence_pairs", self.sentence_pairs,
        "Masked language models: what is asked about two segments besides: none, next_sentence (BERT: does the second "
        "follow the first?) or sentence_order (ALBERT: are they in order?). Sentences are the lines of a document.");
  }
};

// How vectors of texts are trained. Fields of `training.contrastive`.
struct ContrastiveOptions {
  double temperature = 0.05;
  std::optional<Pooling> pooling;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("temperature", self.temperature,
          "Cosines are divided by it before the softmax: the smaller, the more the nearest wrong texts count.",
          in_range(1e-4, 1e4));
    visit("pooling", self.pooling,
          "The vector of a text: mean of those of its tokens, cls, that of the first, or another mode of "
          "sentence-transformers; unset: as the model's modules.json says, else mean.");
  }
};

}  // namespace llmtool
