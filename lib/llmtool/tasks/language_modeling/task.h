#pragma once

#include <memory>

#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Tokens of running text are predicted, those that were hidden or each from those before it.
std::unique_ptr<Task> make_language_model_task();

// Scores running text. Throws UsageError also for pseudo-perplexity of a causal model, and for packing or stride with
// pairs of sentences.
EvalResult evaluate_language_model(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
