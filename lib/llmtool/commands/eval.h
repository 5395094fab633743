#pragma once

#include "llmtool/core/events.h"
#include "llmtool/tasks/requests.h"

namespace llmtool {

// One `llmtool eval`: scores data with a model folder by the model's own task. Throws what the task throws, and
// UsageError where an output would overwrite what is read.
EvalResult evaluate_model(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
