#pragma once

#include <memory>

#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Answers to questions are spans of a context that comes with each.
std::unique_ptr<Task> make_question_answering_task();

// Answers and judges a file of questions.
EvalResult evaluate_answers(const EvalRequest& request, EventSink& events);

// Answers questions (the first text) about contexts (the second).
std::unique_ptr<TextPredictor> make_answer_predictor(const PredictorOptions& options);

}  // namespace llmtool
