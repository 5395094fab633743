#pragma once

#include <cstdint>
#include <optional>

#include "llmtool/commands/answered_rows.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {

// One `llmtool predict`, everything of the command line and the machine resolved.
struct PredictRequest : AnsweredRowsRequest {
  // Fill in the mask tokens of each text with so many tokens each, instead of labelling it.
  std::optional<std::int64_t> fill_mask;
  TaskPredictOptions task = {};
};

// Adds to every row predicted_label, predicted_score and scores (an object by label name; in CSV and TSV its JSON
// text), fillers (for every mask token a list of {token, id, probability}), or entities (a list of {start, end, label,
// score, text}); to CoNLL columns a column of tags, see tag_columns(). Throws as answer_rows().
AnsweredRowsResult predict_file(const PredictRequest& request, EventSink& events);

}  // namespace llmtool
