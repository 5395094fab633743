#pragma once

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/run_config.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// The tokenizer of a run, with the words of tokenizer.add_tokens behind its own ids.
struct RunTokenizer {
  Tokenizer tokenizer;
  AddedTokenCounts added;
  EmbeddingLimits limits = {};  // of the model; set by fit_to_model()
};

// That of tokenizer.from, else of the model's folder. Throws ConfigError when it is another than the model's own and
// tokenizer.allow_other does not say that this is meant, ModelError, and what read_word_list() throws.
RunTokenizer load_run_tokenizer(const RunConfig& config);

// Sets tokenizer.max_length where the config leaves it to the model, and the limits of the model, which is told of by
// its config.json. Throws ModelError when sequences may be longer than its position table, or the tokenizer has more
// ids than a model from scratch has rows; ConfigError when sequences have no room for text.
void fit_to_model(RunConfig& config, RunTokenizer& tokenizer, const ModelDimensions& dimensions,
                  const Json& model_config);

// Logs what the tokenizer's files say against one another, and that it has ids without an embedding.
void log_warnings(const RunTokenizer& tokenizer, EventSink& events);

// Gives the embedding a row for every id, and logs what was added; does nothing without added words.
void add_embedding_rows(Model& model, const RunTokenizer& tokenizer, EventSink& events);

}  // namespace llmtool
