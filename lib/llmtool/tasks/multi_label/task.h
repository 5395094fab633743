#pragma once

#include <memory>

#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Every text, or pair of texts, has any number of labels out of a fixed set, none of them too.
std::unique_ptr<Task> make_multi_label_task();

// Scores a labelled file. Throws DataError also for all unknown labels at once.
EvalResult evaluate_multi_label(const EvalRequest& request, EventSink& events);

// Says about a text the list of its labels and the probabilities of all.
std::unique_ptr<TextPredictor> make_multi_label_predictor(const PredictorOptions& options);

}  // namespace llmtool
