#pragma once

#include <memory>

#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Every text, or pair of texts, has a number for each of one or several targets.
std::unique_ptr<Task> make_regression_task();

// Scores a file with numbers.
EvalResult evaluate_regression(const EvalRequest& request, EventSink& events);

// Says about a text its number, or its numbers by name.
std::unique_ptr<TextPredictor> make_regression_predictor(const PredictorOptions& options);

}  // namespace llmtool
