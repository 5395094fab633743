#pragma once

#include "llmtool/commands/run_config.h"
#include "llmtool/core/events.h"
#include "llmtool/models/assembled_model.h"
#include "llmtool/models/families.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// The tokenizer of a run, with the words of tokenizer.add_tokens behind its own ids.
struct RunTokenizer {
  Tokenizer tokenizer;
  AddedTokenCounts added;
};

// That of tokenizer.from, else of the model's folder. Throws ConfigError when it is another than the model's own and
// tokenizer.allow_other does not say that this is meant, ModelError, and what read_word_list() throws. Logs what its
// files say against one another.
RunTokenizer load_run_tokenizer(const RunConfig& config, EventSink& events);

// Sets tokenizer.max_length where the config leaves it to the model. Throws ModelError when the tokenizer, added words
// apart, has more ids than the model has rows, or sequences may be longer than its position table; ConfigError when
// they have no room for text.
void fit_to_model(RunConfig& config, const RunTokenizer& tokenizer, const ModelDimensions& dimensions);

// Gives the embedding a row for every id, and logs what was added; does nothing without added words.
void add_embedding_rows(AssembledModel& model, const RunTokenizer& tokenizer, EventSink& events);

}  // namespace llmtool
