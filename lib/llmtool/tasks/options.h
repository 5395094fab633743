#pragma once

#include "llmtool/core/fields.h"
#include "llmtool/tasks/class_weights.h"

namespace llmtool {

// How a classification task computes its loss. The fields are named as in section `training` of the run config.
struct ClassificationOptions {
  ClassWeights class_weights;
  double label_smoothing = 0.0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("class_weights", self.class_weights,
          "What a label's examples count in the loss: none, balanced, or {name: weight} (labels not named weigh 1).");
    visit("label_smoothing", self.label_smoothing,
          "Share of each target spread evenly over all labels, as torch's cross_entropy defines it.",
          in_range(0.0, 1.0));
  }
};

}  // namespace llmtool
