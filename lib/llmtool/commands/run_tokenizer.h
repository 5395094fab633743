#pragma once

#include "llmtool/commands/run_config.h"
#include "llmtool/models/families.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// The tokenizer a run config names: that of tokenizer.from, else of the model's folder. Throws ConfigError when it is
// another than the model's own and tokenizer.allow_other does not say that this is meant, ModelError.
Tokenizer load_run_tokenizer(const RunConfig& config);

// Sets tokenizer.max_length where the config leaves it to the model. Throws ModelError when the tokenizer has more ids
// than the model has rows, or sequences may be longer than its position table.
void fit_to_model(RunConfig& config, const Tokenizer& tokenizer, const ModelDimensions& dimensions);

}  // namespace llmtool
