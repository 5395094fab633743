#pragma once

#include <memory>

#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Every word of a sentence has one tag out of a fixed set.
std::unique_ptr<Task> make_token_classification_task();

// Scores a file of tagged words. Throws DataError also for all unknown tags at once.
EvalResult evaluate_token_classifier(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
