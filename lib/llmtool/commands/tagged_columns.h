#pragma once

#include <functional>
#include <memory>

#include "llmtool/commands/answered_rows.h"
#include "llmtool/inference/sentence_tagger.h"

namespace llmtool {

// Whether the input is CoNLL columns, whose words are tagged one by one.
bool is_tagged_columns(const AnsweredRowsRequest& request);

// Loads the tagger with `load` once the request is known to make sense, then writes every line as it stands, those of
// words with one more column: the tag. In constant memory; sentences are the rows of the result. Throws UsageError for
// options without a meaning here, and as TaggedReader and answer_rows().
AnsweredRowsResult tag_columns(const AnsweredRowsRequest& request,
                               const std::function<std::unique_ptr<SentenceTagger>()>& load, EventSink& events);

}  // namespace llmtool
