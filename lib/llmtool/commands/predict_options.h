#pragma once

#include <cstdint>
#include <optional>

#include "llmtool/commands/answered_rows_options.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {

// What `llmtool predict` is told.
struct PredictOptions : AnsweredRowsOptions {
  bool fill_mask = false;
  std::optional<std::int64_t> top_k;
  TaskPredictOptions task;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit_rows(self, visit,
               {.output = "File of predictions, - for standard output",
                .text_column = "Column of the text; twice for pairs (default: as trained, else text)"});
    visit("fill_mask", self.fill_mask, "With a masked language model: find the tokens for the mask tokens of a text");
    visit("top_k", self.top_k, "Tokens for each mask (default: 5)", in_range<std::int64_t>(1, 1000),
          OptionForm{.value = "N", .needs = "fill_mask"});
    TaskPredictOptions::visit_fields(self.task, visit);
  }
};

}  // namespace llmtool
