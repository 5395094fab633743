#pragma once

#include <optional>

#include "llmtool/core/fields.h"
#include "llmtool/nn/pooling_kind.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

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

TaskRow contrastive_row();

}  // namespace llmtool
