#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "llmtool/commands/answered_rows.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {

// Whether the input is CoNLL columns, whose words are tagged one by one.
bool is_tagged_columns(const AnsweredRowsRequest& request);

// Loads the tagger with `load` once the request is known to make sense, then writes every line as it stands, those of
// words with one more column: the tag. In constant memory; sentences are the rows of the result. Throws UsageError for
// options without a meaning here, and as TaggedReader and answer_rows().
AnsweredRowsResult tag_columns(const AnsweredRowsRequest& request,
                               const std::function<std::unique_ptr<SentenceTagger>()>& load, EventSink& events);

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
