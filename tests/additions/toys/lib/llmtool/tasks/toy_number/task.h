#pragma once

#include <memory>

#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Every text has a number.
std::unique_ptr<Task> make_toy_number_task();

// Scores a file with numbers.
EvalResult evaluate_toy_numbers(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
