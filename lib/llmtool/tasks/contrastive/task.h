#pragma once

#include <memory>

#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Vectors of texts: a text comes to lie near its counterpart and far from those of others.
std::unique_ptr<Task> make_contrastive_task();

// Without a label column: how well texts find their counterparts among those of all rows, as in training. With one, of
// numbers: how well the cosines of pairs follow them, as the sentence-transformers library judges. Throws UsageError
// for one text column, DataError also for a label that is no number.
EvalResult evaluate_encoder(const EvalRequest& request, EventSink& events);

}  // namespace llmtool
