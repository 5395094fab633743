#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/fields.h"
#include "llmtool/tasks/label_weights.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// How labels stand in the data. The fields are named as in section `data` of the run config.
struct MultiLabelDataOptions {
  std::string label_separator = ",";

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("label_separator", self.label_separator,
          "Several labels a text: what stands between them in a cell of text; lists of JSONL need none.");
  }
};

// How the loss is computed. The fields are named as in section `training` of the run config.
struct MultiLabelTrainingOptions {
  LabelWeights pos_weight;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("pos_weight", self.pos_weight,
          "Several labels a text: what an example that has a label counts in its loss, as torch's BCEWithLogitsLoss: "
          "none, balanced (examples without it over examples with it), or {name: weight} (labels not named weigh 1).");
  }
};

// The probability above which a text has a label, or that it is found on the validation data.
struct LabelThreshold {
  double value = 0.5;
  bool is_tuned = false;

  // Throws ValueError for anything but `tune` or a number from 0 to 1.
  static LabelThreshold from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();
  friend bool operator==(const LabelThreshold&, const LabelThreshold&) = default;
};

// How models are judged. The fields are named as in section `evaluation` of the run config.
struct MultiLabelEvaluationOptions {
  LabelThreshold threshold;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("threshold", self.threshold,
          "Several labels a text: the probability above which a text has a label, or tune: for each label the one with "
          "the best F1 on the validation data. Kept in the model's config.json, for eval and predict.");
  }
};

// The same on the command lines of `llmtool eval` and `llmtool predict`.
struct MultiLabelThresholdOption {
  std::optional<double> threshold;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit(
        "threshold", self.threshold,
        "Several labels a text: the probability above which a text has a label (default: as the model says, else 0.5)",
        in_range(0.0, 1.0), OptionForm{.value = "P"});
  }
};

// One for each label: `asked` for all of them, else those that the model's config.json has under "thresholds", else
// 0.5. `file` is for messages. Throws ModelError for thresholds that do not fit the labels.
std::vector<double> label_thresholds(const Json& config, const std::vector<std::string>& labels,
                                     const std::optional<double>& asked, const std::string& file);
// The value of "thresholds".
Json thresholds_to_json(const std::vector<std::string>& labels, const std::vector<double>& thresholds);

TaskRow multi_label_row();

}  // namespace llmtool
