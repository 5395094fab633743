#pragma once

#include <optional>
#include <string>

#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/tasks/label_weights.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// The name of a label, which may be written as an integer (1 means the label named "1").
struct LabelName {
  std::string text;

  // Throws ValueError for anything but a text that is not empty or an integer.
  static LabelName from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();
  friend bool operator==(const LabelName&, const LabelName&) = default;
};

// How a classification task computes its loss. The fields are named as in section `training` of the run config.
struct ClassificationOptions {
  LabelWeights class_weights;
  double label_smoothing = 0.0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("class_weights", self.class_weights,
          "Classification: what a label's examples count in the loss: none, balanced, or {name: weight} (labels not "
          "named weigh 1).");
    visit("label_smoothing", self.label_smoothing,
          "Classification of texts or tokens: share of each target spread evenly over all labels, as torch's "
          "cross_entropy defines it.",
          in_range(0.0, 1.0));
  }
};

// How a classifier is judged. The fields are named as in section `evaluation` of the run config.
struct ClassificationEvaluationOptions {
  std::optional<LabelName> positive_label;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("positive_label", self.positive_label,
          "Two labels: the one whose precision, recall and F1 are reported; unset: the one with id 1.");
  }
};

// The same on the command line of `llmtool eval`.
struct ClassificationEvalOptions {
  std::optional<std::string> positive_label;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("positive_label", self.positive_label,
          "Of two labels: the one whose precision, recall and F1 are shown (default: the second)",
          OptionForm{.value = "NAME"});
  }
};

TaskRow classification_row();

}  // namespace llmtool
