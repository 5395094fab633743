#pragma once

#include "llmtool/core/fields.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// The field is named as in section `training` of the run config.
struct ToyNumberOptions {
  double toy_scale = 1.0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("toy_scale", self.toy_scale, "Toy numbers: what they are divided by.", in_range(1e-3, 1e3));
  }
};

TaskRow toy_number_row();

}  // namespace llmtool
