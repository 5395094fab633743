#include "llmtool/commands/eval.h"

#include "llmtool/core/file_system.h"
#include "llmtool/tasks/task_makers.h"

namespace llmtool {

EvalResult evaluate_model(const EvalRequest& request, EventSink& events) {
  require_distinct_paths({.inputs = {{"--data", request.data}},
                          .folders = {{"the model", request.model}},
                          .outputs = {{"--predictions", request.predictions}}});
  return task_maker(task_of_model(request.model).kind).evaluate(request, events);
}

}  // namespace llmtool
