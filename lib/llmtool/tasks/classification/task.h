#pragma once

#include <memory>

#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Every text, or pair of texts, has one label out of a fixed set.
std::unique_ptr<Task> make_classification_task();

// Scores a labelled file. Throws DataError also for all unknown labels at once.
EvalResult evaluate_classifier(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
